// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

// What the configuration file says, in the words of the packet filter.

extension AnchorFilter {
    init(_ configuration: AnchorConfiguration) {
        self.init(tunnelDevice: configuration.tunnelDevice, upstreamInterface: configuration.upstream?.interface)
        hidden = configuration.pools.blocks(.nat)
        translation = configuration.upstream?.translation
        portForwards = configuration.upstream?.portForwards ?? []
    }
}

extension PoolsConfiguration {
    /// Of the pools that the upstream network knows in this way.
    func blocks(_ mode: UpstreamMode) -> [IPPrefix] { all.filter { $0.pool.upstream == mode }.map(\.pool.block) }
}

extension GatewayFilter {
    init(_ configuration: GatewayConfiguration) {
        self.init(
            tunnelDevice: configuration.tunnelDevice,
            lanInterfaces: configuration.lans.map(\.interface),
            accessInterfaces: configuration.accessLinks.map(\.interface),
            refusesInbound: configuration.firewall.refusesInbound,
            allowed: configuration.firewall.allowed,
            privateNetworks: configuration.lans.compactMap(\.ipv4?.network),
            mayBreakOut: configuration.breakOut == .noAnchor
                || configuration.policy.contains { $0.treatment == .bypass }
        )
    }
}
