// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// The names, addresses and settings of a virtual domain. Its pools are so small that what leaks is soon missed.
enum DomainPlan {
    /// Prefixes of each kind.
    static let poolSize = 8

    /// Every node's.
    static let realm = "example.net"

    static func node(_ number: Int) -> NodeIdentifier { NodeIdentifier(nai: "cpe\(number)@\(realm)") }
    static func wan(_ number: Int) -> String { "wan\(number)" }
    static func association(_ gateway: Int) -> SecurityAssociation {
        SecurityAssociation(spi: 300 + UInt32(gateway), key: [1, UInt8(gateway)], algorithm: .hmacSHA256_128)
    }
    static func name(_ gateway: Int) -> NodeIdentifier { NodeIdentifier(nai: "mag\(gateway)@example.net") }

    /// The translated lines all have the same.
    static func isPrivate(_ address: IPAddress) -> Bool { ExampleDomain.prefix("192.168.1.0/24").contains(address) }

    /// Of a WAN of a gateway; each has some, and the last IPv6 one is lent to whoever comes.
    static func address(_ gateway: Int, _ wan: Int, _ number: Int) -> IPAddress {
        switch link(gateway, wan) {
        case .ipv6:
            number == 2
                ? ExampleDomain.address("2001:db8:af::2")
                : ExampleDomain.address("2001:db8:a\(gateway)\(wan)::\(number + 2)")
        case .translated: ExampleDomain.address("192.168.1.\(number + 2)")
        case .ipv4: ExampleDomain.address("192.0.2.\(gateway * 16 + wan * 4 + number + 1)")
        }
    }

    private enum Link { case ipv6, ipv4, translated }

    /// An IPv6 and a translated line; two lines with the same private addresses; a gateway of one path at a time.
    private static func link(_ gateway: Int, _ wan: Int) -> Link {
        switch (gateway, wan) {
        case (0, 0), (2, 0): .ipv6
        case (2, _): .ipv4
        default: .translated
        }
    }

    static func network(_ gateway: Int) -> VirtualNetwork {
        var network = VirtualNetwork()
        for number in 0..<VirtualDomain.wanCount where link(gateway, number) == .translated {
            let outer = ExampleDomain.address("203.0.113.\(gateway * 16 + number * 4)")
            network.translators[wan(number)] = AddressTranslator(outerAddress: outer)
        }
        return network
    }

    /// The translators' addresses come by fours.
    static func otherOuterAddress(than address: IPAddress) -> IPAddress {
        guard case .v4(let old) = address else { return address }
        return .v4(IPv4Address(old.value & ~3 | (old.value &+ 1) & 3))
    }

    static func anchorName(_ number: Int) -> String { "lma\(number)" }

    static func anchorAddresses(_ number: Int) -> [IPAddress] {
        number == 0
            ? [ExampleDomain.anchorIPv6, ExampleDomain.anchorIPv4]
            : [ExampleDomain.otherAnchorIPv6, ExampleDomain.otherAnchorIPv4]
    }

    static func anchor(_ number: Int, _ variant: DomainVariant) -> AnchorSettings {
        let nodes = (0..<VirtualDomain.nodeCount).map(node) + spares
        let peers = (0..<VirtualDomain.gatewayCount).map { number in
            GatewayPeer(
                identifier: name(number),
                mobileNodes: nodes,
                authentication: .sharedKey(association(number))
            )
        }
        var settings = AnchorSettings(addresses: anchorAddresses(number), gateways: peers, restartCounter: 1)
        if variant.handoffs.indices.contains(number) { settings.handoff = variant.handoffs[number] }
        settings.gatewayParameters = number == 0 ? variant.gatewayParameters : nil
        settings.redirection = number == 0 ? variant.redirection : nil
        let (ipv6, delegated, ipv4, home) =
            number == 0
            ? ("2001:db8:1234::/61", "2001:db8:5600::/53", "10.64.0.0/21", "10.70.0.0/28")
            : ("2001:db8:4321::/61", "2001:db8:6500::/53", "10.65.0.0/21", "10.71.0.0/28")
        settings.homeNetworkPrefixes = PrefixPool(range: ExampleDomain.prefix(ipv6), length: 64)
        settings.delegatedIPv6 = PrefixPool(range: ExampleDomain.prefix(delegated), length: 56)
        settings.delegatedIPv4 = PrefixPool(range: ExampleDomain.prefix(ipv4), length: 24)
        settings.ipv4HomeAddresses = PrefixPool(range: ExampleDomain.prefix(home), length: 32)
        return settings
    }

    /// Who nobody serves until the pools are counted.
    static var spares: [NodeIdentifier] {
        (0..<poolSize).map { NodeIdentifier(nai: "spare\($0)@\(realm)") }
    }

    static func gateway(_ number: Int, _ variant: DomainVariant) -> GatewaySettings {
        var settings = GatewaySettings(
            identifier: name(number),
            mobileNode: node(number),
            anchors: (0..<variant.anchorCount).map { anchor in
                AnchorPeer(
                    name: anchorName(anchor),
                    addresses: anchorAddresses(anchor),
                    authentication: .sharedKey(association(number))
                )
            },
            wans: [],
            restartCounter: 0
        )
        settings.wans = (0..<VirtualDomain.wanCount).compactMap { wanNumber in
            let isIPv6 = link(number, wanNumber) == .ipv6
            return ExampleDomain.wan(
                wan(wanNumber),
                UInt8(wanNumber + 1),
                label: UInt8(wanNumber + 5),
                isIPv6 ? .eutran : .ethernet,
                isIPv6 ? .ipv6 : .ipv4
            )
        }
        settings.lifetime = .seconds(300)
        settings.acceptsRedirection = variant.redirection != nil
        settings.isMultipathWanted = number != 2
        settings.requestsDelegatedIPv6 = true
        settings.requestsDelegatedIPv4 = true
        settings.requestsIPv4HomeAddress = true
        return settings
    }
}
