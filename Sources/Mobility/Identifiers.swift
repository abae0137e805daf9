// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The Binding ID of RFC 8278 §4.1: 1–254, unique among a mobile node's bindings at one gateway.
package struct BindingIdentifier: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt8

    /// nil for the reserved values 0 and 255.
    package init?(rawValue: UInt8) {
        guard (1...254).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A session is one mobile node's bindings together: one set of prefixes over any number of paths.
package struct SessionIdentifier: Hashable, Sendable {
    package var mobileNode: NodeIdentifier
    package init(mobileNode: NodeIdentifier) { self.mobileNode = mobileNode }
}

/// A path is one WAN link's tunnel to one anchor. `binding` is nil for the one path of a session without
/// multipath.
package struct PathIdentifier: Hashable, Sendable {
    package var session: SessionIdentifier
    package var binding: BindingIdentifier?

    package init(session: SessionIdentifier, binding: BindingIdentifier?) {
        self.session = session
        self.binding = binding
    }
}
