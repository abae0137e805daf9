// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A session is one mobile node's bindings together: one set of prefixes over any number of paths. A node that attaches
/// further interfaces without multipath has further sessions (RFC 5213 §5.4).
package struct SessionIdentifier: Hashable, Sendable {
    package var mobileNode: NodeIdentifier
    /// 0 is the node's first; further ones take the lowest free number.
    package var number: UInt32

    package init(mobileNode: NodeIdentifier, number: UInt32 = 0) {
        self.mobileNode = mobileNode
        self.number = number
    }
}

extension SessionIdentifier: Comparable {
    package static func < (a: Self, b: Self) -> Bool {
        a.mobileNode != b.mobileNode ? a.mobileNode < b.mobileNode : a.number < b.number
    }
}

extension SessionIdentifier: CustomStringConvertible {
    package var description: String { number == 0 ? "\(mobileNode)" : "\(mobileNode)#\(number)" }
}
