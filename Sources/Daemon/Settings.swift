// SPDX-License-Identifier: Apache-2.0
import Forwarding
package import Mobility
import Wire

// What the configuration file says, in the words of the engines and the forwarder.

extension AnchorSettings {
    package init(_ configuration: AnchorConfiguration, restartCounter: UInt32) {
        self.init(
            addresses: configuration.addresses.all,
            gateways: configuration.gateways.map { GatewayPeer($0) },
            restartCounter: restartCounter
        )
        isMultipathEnabled = configuration.multipath
        maximumLifetime = configuration.maximumLifetime
        timestampValidityWindow = configuration.timestampWindow
        homeNetworkPrefixes = Mobility.PrefixPool(configuration.pools.homeNetworkPrefixes)
        delegatedIPv6 = configuration.pools.delegatedIPv6Prefixes.map { Mobility.PrefixPool($0) }
        delegatedIPv4 = configuration.pools.delegatedIPv4Prefixes.map { Mobility.PrefixPool($0) }
        delegation = configuration.delegation.map { PrefixDelegationSettings($0) }
        ipv4HomeAddresses = configuration.pools.ipv4HomeAddresses.map { Mobility.PrefixPool($0) }
        permittedEncapsulations = configuration.tunnels
        natRefreshTime = configuration.natRefreshTime
        ordering = configuration.ordering
        profiles = configuration.profiles
        handoff = configuration.handoff.policy
        minDelayBeforeBindingCacheEntryDelete = configuration.handoff.minDelayBeforeDeletion
        maxDelayBeforeNewBindingCacheEntryAssign = configuration.handoff.maxDelayBeforeNewSession
        heartbeatInterval = configuration.heartbeat.interval
        missingHeartbeatsAllowed = configuration.heartbeat.missingAllowed
        redirection = configuration.redirection
        gatewayParameters = configuration.gatewayParameters
        revocation = configuration.revocation
        notification = configuration.notification
    }
}

extension GatewayPeer {
    init(_ gateway: PermittedGateway) {
        self.init(
            identifier: NodeIdentifier(nai: gateway.identifier),
            mobileNodes: gateway.mobileNodes.map { NodeIdentifier(nai: $0) },
            isMultipathAllowed: gateway.multipath,
            authentication: PeerAuthentication(gateway.authentication)
        )
        compatibility = gateway.compatibility
        isGlobalRevocationAllowed = gateway.mayRevokeAll
        areFlowBindingsAllowed = gateway.areFlowBindingsAllowed
    }
}

extension Mobility.PrefixPool {
    init(_ pool: PrefixPool) { self.init(range: pool.block, length: pool.length) }
}

extension PeerAuthentication {
    init(_ authentication: AuthenticationConfiguration) {
        switch authentication {
        case .none: self = .none
        case .sharedKey(let index, let key, let algorithm):
            let algorithm: SecurityAssociation.Algorithm =
                switch algorithm {
                case .hmacSHA1: .hmacSHA1_96
                case .hmacSHA256: .hmacSHA256_128
                }
            self = .sharedKey(SecurityAssociation(spi: index, key: key.octets, algorithm: algorithm))
        }
    }
}

extension GatewaySettings {
    package init(_ configuration: GatewayConfiguration, restartCounter: UInt32) {
        self.init(
            identifier: NodeIdentifier(nai: configuration.identifier),
            mobileNode: configuration.mobileNode.map { NodeIdentifier(nai: $0.identifier) },
            anchors: configuration.anchors.map { AnchorPeer($0, clock: configuration.clock) },
            wans: configuration.wans.compactMap { WANSettings($0) },
            restartCounter: restartCounter
        )
        heartbeatInterval = configuration.heartbeat.interval
        missingHeartbeatsAllowed = configuration.heartbeat.missingAllowed
        acceptsRedirection = configuration.acceptsRedirection
        breakOut = configuration.breakOut
        isMultipathWanted = configuration.multipath
        lifetime = configuration.lifetime
        requestsDelegatedIPv6 = configuration.mobileNode?.delegatedPrefixes.contains(.ipv6) ?? false
        requestsDelegatedIPv4 = configuration.mobileNode?.delegatedPrefixes.contains(.ipv4) ?? false
        requestsIPv4HomeAddress = configuration.mobileNode?.ipv4HomeAddress ?? false
        wantsGREKey = configuration.greKey
    }
}

extension AnchorPeer {
    init(_ anchor: AnchorPeerConfiguration, clock: ClockPolicy?) {
        self.init(
            name: anchor.name,
            addresses: anchor.addresses,
            authentication: PeerAuthentication(anchor.authentication),
            clock: clock
        )
        compatibility = anchor.compatibility
    }
}

extension WANSettings {
    /// nil never happens: the configuration admits 1–254 only.
    init?(_ wan: WANConfiguration) {
        guard let binding = BindingIdentifier(rawValue: wan.bindingIdentifier) else { return nil }
        self.init(
            interface: wan.name,
            binding: binding,
            label: wan.label,
            accessTechnology: wan.accessTechnology,
            family: wan.family == .ipv6 ? .ipv6 : .ipv4,
            encapsulation: wan.encapsulation
        )
    }
}

extension RouterAdvertiserSettings {
    init(_ lan: LANConfiguration, linkLayerAddress: LinkLayerAddress?, seed: UInt64) {
        self.init()
        self.linkLayerAddress = linkLayerAddress
        recursiveServers = lan.dnsServers.ipv6
        // RFC 4861 §4.2: DNS servers can be asked for.
        if lan.delegate != nil { flags.insert(.otherConfiguration) }
        self.seed = seed
    }
}

extension DHCPServerSettings {
    init(_ dhcp: DHCPConfiguration, _ lan: LANConfiguration) {
        self.init()
        leaseTime = dhcp.leaseTime
        domainNameServers = lan.dnsServers.ipv4
    }
}

extension PrefixDelegationSettings {
    init(_ delegation: DelegationConfiguration, _ lan: LANConfiguration) {
        self.init()
        length = delegation.length
        leaseTime = delegation.leaseTime
        domainNameServers = lan.dnsServers.ipv6
    }
}

extension PrefixDelegationSettings {
    init(_ router: DelegatingRouterConfiguration) {
        self.init()
        leaseTime = router.leaseTime
        domainNameServers = router.dnsServers
    }
}

extension [IPAddress] {
    fileprivate var ipv4: [IPv4Address] { compactMap { if case .v4(let address) = $0 { address } else { nil } } }
    fileprivate var ipv6: [IPv6Address] { compactMap { if case .v6(let address) = $0 { address } else { nil } } }
}

extension AccessLinkSettings {
    init(
        _ link: AccessLinkConfiguration,
        _ nodes: [AccessNodeConfiguration],
        linkLayerAddress: LinkLayerAddress,
        seed: UInt64
    ) {
        self.init(linkLayerAddress: linkLayerAddress)
        for node in nodes {
            self.nodes[node.linkLayerAddress] = AccessNodeProfile(
                NodeIdentifier(nai: node.identifier),
                wantsIPv4: node.families.contains(.ipv4),
                wantsIPv6: node.families.contains(.ipv6)
            )
        }
        strangers = link.unknownNodes.map { unknown in
            StrangerProfile(
                realm: unknown.realm,
                wantsIPv4: unknown.families.contains(.ipv4),
                wantsIPv6: unknown.families.contains(.ipv6)
            )
        }
        accessTechnology = link.accessTechnology
        advertisements.recursiveServers = link.dnsServers.ipv6
        assignments.leaseTime = link.leaseTime
        assignments.domainNameServers = link.dnsServers.ipv4
        relay = link.relay.map { DHCPRelaySettings(server: $0.server, address: $0.address) }
        quietTime = link.quietTime
        self.seed = seed
    }
}

extension Distribution {
    init(_ configuration: DistributionConfiguration) {
        switch configuration.mode {
        case .automatic: self = .automatic(reorderTimeout: configuration.reorderTimeout)
        case .perFlow: self = .perFlow
        case .perPacket: self = .perPacket(reorderTimeout: configuration.reorderTimeout)
        }
    }
}

extension Mobility.PathCondition {
    init(_ condition: Forwarding.PathCondition) {
        switch condition {
        case .unproven: self = .unproven
        case .alive: self = .alive
        case .silent: self = .silent
        }
    }
}

extension Moment {
    /// Grows with each start without being kept anywhere: the seconds of the start (RFC 5847 §3.2 asks only that it
    /// changes when bindings were lost).
    var restartCounter: UInt32 { UInt32(truncatingIfNeeded: timestamp.seconds) }
}
