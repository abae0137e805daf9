// SPDX-License-Identifier: Apache-2.0
package import Wire

/// An anchor, as the operator tells a gateway of it.
package struct AnchorPeer: Equatable, Sendable {
    /// What it is called; without addresses, the name under which they are looked up.
    package var name: String
    /// At most one of each family is used: the first. Empty: to be looked up.
    package var addresses: [IPAddress]
    package var authentication: PeerAuthentication
    package var clock: ClockPolicy
    package var compatibility = PeerCompatibility.strict

    /// `name`: nil for its addresses. `clock`: nil for `followAnchor` between two ends that both are Plait, else `own`.
    package init(
        name: String? = nil,
        addresses: [IPAddress] = [],
        authentication: PeerAuthentication,
        clock: ClockPolicy? = nil
    ) {
        self.name = name ?? addresses.map(\.description).joined(separator: " and ")
        self.addresses = addresses
        self.authentication = authentication
        self.clock = clock ?? (authentication.isBetweenPlaits ? .followAnchor : .own)
    }

    var isLookedUp: Bool { addresses.isEmpty && !name.isEmpty }
}

extension PeerAuthentication {
    /// Nobody else knows the algorithm.
    fileprivate var isBetweenPlaits: Bool { association?.algorithm == .hmacSHA256_128 }
}
