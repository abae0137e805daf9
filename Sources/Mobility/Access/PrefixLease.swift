// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A prefix that a router behind the gateway has.
package struct PrefixLease: Hashable, Sendable {
    /// Whose it is: one client may have several, for each of its associations one.
    package struct Holder: Hashable, Sendable {
        /// Which of the gateway's LANs it is on, counted from 0.
        package var link: Int
        package var client: DHCPUniqueIdentifier
        /// IAID
        package var association: UInt32

        package init(link: Int, client: DHCPUniqueIdentifier, association: UInt32) {
            self.link = link
            self.client = client
            self.association = association
        }
    }

    package var prefix: IPPrefix
    package var holder: Holder
    /// The client's link-local address: where packets to the prefix go.
    package var router: IPv6Address

    package init(_ prefix: IPPrefix, of holder: Holder, via router: IPv6Address) {
        self.prefix = prefix
        self.holder = holder
        self.router = router
    }
}
