// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// One anchor, one gateway with an IPv6 and an IPv4 access network: the addresses and names of the worked examples.
package enum ExampleDomain {
    package static let anchorIPv6 = address("2001:db8:100::1")
    package static let anchorIPv4 = address("198.51.100.1")
    package static let otherAnchorIPv6 = address("2001:db8:200::1")
    package static let otherAnchorIPv4 = address("198.51.100.2")
    package static let lte = address("2001:db8:a::2")
    package static let wlan = address("2001:db8:b::2")
    package static let dsl = address("192.0.2.1")
    package static let mobileNode = NodeIdentifier(nai: "cpe1@example.net")
    package static let gatewayName = NodeIdentifier(nai: "mag1@example.net")
    package static let key: [UInt8] = Array(0...15)
    package static let association = SecurityAssociation(spi: 256, key: key, algorithm: .hmacSHA256_128)

    /// Of a literal known to be right; the unspecified address shows a mistake in it at once.
    package static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v6(.zero) }

    package static func prefix(_ text: String) -> IPPrefix { IPPrefix(text) ?? IPPrefix(host: .v6(.zero)) }

    package static func binding(_ number: UInt8) -> BindingIdentifier? { BindingIdentifier(rawValue: number) }

    package static func path(_ number: UInt8?) -> PathIdentifier {
        PathIdentifier(session: SessionIdentifier(mobileNode: mobileNode), binding: number.flatMap(binding))
    }

    package static var anchor: AnchorSettings {
        let peer = GatewayPeer(
            identifier: gatewayName,
            mobileNodes: [mobileNode],
            authentication: .sharedKey(association)
        )
        var settings = AnchorSettings(addresses: [anchorIPv6, anchorIPv4], gateways: [peer], restartCounter: 1)
        settings.homeNetworkPrefixes = PrefixPool(range: prefix("2001:db8:1234::/48"), length: 64)
        settings.delegatedIPv6 = PrefixPool(range: prefix("2001:db8:5600::/40"), length: 56)
        settings.delegatedIPv4 = PrefixPool(range: prefix("10.64.0.0/16"), length: 24)
        return settings
    }

    /// A second anchor, whose operator lets nodes keep the prefixes that the first gave them if `sharesPools`.
    package static func otherAnchor(sharesPools: Bool) -> AnchorSettings {
        var settings = anchor
        settings.addresses = [otherAnchorIPv6, otherAnchorIPv4]
        guard !sharesPools else { return settings }
        settings.homeNetworkPrefixes = PrefixPool(range: prefix("2001:db8:4321::/48"), length: 64)
        settings.delegatedIPv6 = PrefixPool(range: prefix("2001:db8:6500::/40"), length: 56)
        settings.delegatedIPv4 = PrefixPool(range: prefix("10.65.0.0/16"), length: 24)
        return settings
    }

    /// Knows both anchors.
    package static var gatewayOfTwo: GatewaySettings {
        var settings = gateway
        settings.anchors.append(
            AnchorPeer(
                name: "lma2",
                addresses: [otherAnchorIPv6, otherAnchorIPv4],
                authentication: .sharedKey(association)
            )
        )
        return settings
    }

    /// LTE (BID 1, IPv6) and DSL (BID 2, IPv4).
    package static var gateway: GatewaySettings {
        var settings = GatewaySettings(
            identifier: gatewayName,
            mobileNode: mobileNode,
            anchors: [AnchorPeer(addresses: [anchorIPv6, anchorIPv4], authentication: .sharedKey(association))],
            wans: [],
            restartCounter: 1
        )
        settings.wans = [
            wan("wan1", 1, label: 11, .eutran, .ipv6),
            wan("wan2", 2, label: 9, .ethernet, .ipv4),
        ].compactMap(\.self)
        settings.requestsDelegatedIPv6 = true
        settings.requestsDelegatedIPv4 = true
        return settings
    }

    package static func wan(
        _ interface: String,
        _ number: UInt8,
        label: UInt8,
        _ technology: AccessTechnology,
        _ family: WANSettings.Family
    ) -> WANSettings? {
        binding(number).map { identifier in
            WANSettings(
                interface: interface,
                binding: identifier,
                label: label,
                accessTechnology: technology,
                family: family
            )
        }
    }

    /// Both paths registered.
    package static func registered(
        anchor: AnchorSettings = anchor,
        gateway: GatewaySettings = gateway
    ) -> Conversation {
        var conversation = Conversation(anchor: anchor, gateway: gateway)
        conversation.gatewayStarts()
        conversation.up("wan1", lte)
        conversation.up("wan2", dsl)
        conversation.passes(.seconds(1))
        return conversation
    }
}
