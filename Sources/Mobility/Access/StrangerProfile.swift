// SPDX-License-Identifier: Apache-2.0
import Wire

/// What mobile nodes are that the gateway knows nothing of: an identifier is made from the link-layer address
/// (RFC 5213 §6.6).
package struct StrangerProfile: Hashable, Sendable {
    /// Behind the `@`.
    package var realm: String
    package var wantsIPv4: Bool
    package var wantsIPv6: Bool

    package init(realm: String, wantsIPv4: Bool = false, wantsIPv6: Bool = true) {
        self.realm = realm
        self.wantsIPv4 = wantsIPv4
        self.wantsIPv6 = wantsIPv6
    }

    func profile(of link: LinkLayerAddress) -> AccessNodeProfile {
        // Colons have no place in a network access identifier's user name (RFC 7542 §2.2).
        let name = "\(link)".map { $0 == ":" ? "-" : String($0) }.joined()
        return AccessNodeProfile(
            NodeIdentifier(nai: "\(name)@\(realm)"),
            wantsIPv4: wantsIPv4,
            wantsIPv6: wantsIPv6
        )
    }
}
