// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What a gateway knows of a mobile node before it comes (RFC 5213 §6.2).
package struct AccessNodeProfile: Hashable, Sendable {
    package var identifier: NodeIdentifier
    /// An IPv4 home address is asked for (RFC 5844 §3.1.1), and a home network prefix.
    package var wantsIPv4: Bool
    package var wantsIPv6: Bool

    package init(_ identifier: NodeIdentifier, wantsIPv4: Bool = false, wantsIPv6: Bool = true) {
        self.identifier = identifier
        self.wantsIPv4 = wantsIPv4
        self.wantsIPv6 = wantsIPv6
    }
}
