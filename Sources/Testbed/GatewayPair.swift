// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// Two gateways that may both register the example node, and updates of theirs without multipath.
package enum GatewayPair {
    package static let secondName = NodeIdentifier(nai: "mag2@example.net")
    package static let secondKey = PeerAuthentication.sharedKey(
        SecurityAssociation(spi: 400, key: Array(4...20), algorithm: .hmacSHA256_128)
    )
    package static let secondAddress = ExampleDomain.address("2001:db8:c::2")

    package static var anchor: AnchorSettings {
        var settings = ExampleDomain.anchor
        settings.handoff = .wait
        settings.gateways.append(
            GatewayPeer(
                identifier: secondName,
                mobileNodes: [ExampleDomain.mobileNode],
                authentication: secondKey
            )
        )
        return settings
    }
}

extension HandmadeUpdate {
    /// RFC 5213 alone: no Binding ID, no name of the gateway, no GRE.
    package mutating func isPlain() { (multipath, gateway, greKey) = (nil, nil, nil) }

    /// The other gateway's; a path with a Binding ID, unless it is plain.
    package mutating func isSecondGateways() {
        (source, authentication) = (GatewayPair.secondAddress, GatewayPair.secondKey)
        if gateway != nil { gateway = GatewayPair.secondName }
    }
}
