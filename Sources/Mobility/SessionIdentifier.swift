// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A session is one mobile node's bindings together: one set of prefixes over any number of paths.
package struct SessionIdentifier: Hashable, Sendable {
    package var mobileNode: NodeIdentifier
    package init(mobileNode: NodeIdentifier) { self.mobileNode = mobileNode }
}
