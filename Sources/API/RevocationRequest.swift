// SPDX-License-Identifier: Apache-2.0

/// What shall be revoked: the body of `POST /v1/revocations`. Exactly one of the first four says it.
package struct RevocationRequest: Codable, Sendable, Equatable {
    /// All sessions of this mobile node.
    package var mobileNode: String?
    /// Every binding of this gateway.
    package var gateway: String?
    /// Every binding of nodes whose identifier ends in `@` and exactly this.
    package var realm: String?
    /// `true`: every binding of every gateway.
    package var everything: Bool?
    /// With `mobileNode`: this binding alone.
    package var bindingIdentifier: Int?
    /// With `mobileNode`, `true`: the IPv4 home address alone.
    package var ipv4HomeAddress: Bool?

    package init(
        mobileNode: String? = nil,
        gateway: String? = nil,
        realm: String? = nil,
        everything: Bool? = nil,
        bindingIdentifier: Int? = nil,
        ipv4HomeAddress: Bool? = nil
    ) {
        self.mobileNode = mobileNode
        self.gateway = gateway
        self.realm = realm
        self.everything = everything
        self.bindingIdentifier = bindingIdentifier
        self.ipv4HomeAddress = ipv4HomeAddress
    }
}
