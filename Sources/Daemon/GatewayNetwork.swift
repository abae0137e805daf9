// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// The gateway's routing: packets from the session's prefixes leave through the tunnel device (RFC 5213 §6.10.5), whatever
/// default routes the access networks offer; each LAN has its part of them (`SiteLAN`), and the tunnel device the IPv4 home
/// address (RFC 5844 §3.2).
///
/// ```
/// rule 5212: from PREFIX lookup main suppress_prefixlength 0     neighbours on the LAN, but no default route
/// rule 5213: from PREFIX lookup TABLE                            the tunnel
/// table TABLE: default dev TUNNEL                                a table for each tunnel device
/// table main: unreachable PREFIX                                 what no LAN link holds does not bounce to the anchor
/// ```
///
/// While traffic breaks out, the rules are away and the packet filter translates.
package final class GatewayNetwork {
    /// Of the tables' numbers; the tunnel device's index is added, so that two gateways on one machine do not meet.
    private static let firstTable: UInt32 = 2_130_000
    private static let localPriority: UInt32 = 5212
    private static let tunnelPriority: UInt32 = 5213
    /// Behind everything else in the main table.
    private static let lastMetric: UInt32 = 0xFFFF_FFFE

    private let routingTable: RoutingTable
    private let netlink: NetlinkSocket
    private let device: InterfaceIndex
    package let lans: [SiteLAN]
    private let logger: Logger
    private let table: FilterTable?
    private var filter: GatewayFilter?
    private var prefixes: Set<IPPrefix> = []
    private var homeAddresses: Set<IPv4Address> = []
    private var isBrokenOut = false
    private var bypassed: BypassPlan?
    /// Those of routers behind the gateway, of which no LAN has a part.
    package var routersPrefixes: Set<IPPrefix> = []
    /// All that rules lead into the tunnel.
    private var steered: Set<IPPrefix> = []

    /// - Parameters:
    ///   - lans: with the link of each that is there.
    ///   - filter: nil leaves the kernel's packet filter alone.
    package init(
        tunnel device: InterfaceIndex,
        lans: [(plan: SiteLAN.Plan, link: InterfaceIndex?)],
        filter: GatewayFilter? = nil,
        journal: Journal? = nil,
        netlink: NetlinkSocket,
        logger: Logger
    ) {
        routingTable = RoutingTable(Self.firstTable &+ device.value)
        self.device = device
        self.lans = lans.map {
            SiteLAN($0.plan, on: $0.link, LentAddresses(journal, netlink: netlink), logger: logger)
        }
        self.filter = filter
        table = filter.map { FilterTable(tunnelDevice: $0.tunnelDevice) }
        self.netlink = netlink
        self.logger = logger
    }

    /// Private networks are steered into the tunnel from now on, whether there is a home address or not: nothing of them
    /// may leave by an access network. Throws if the firewall cannot be had.
    package func start() throws(FilterFailure) {
        if let filter, let table {
            // Private networks need nft as soon as there is a home address, and break-out when it comes: that it is missing
            // is said now.
            if !privateNetworks.isEmpty || filter.mayBreakOut, filter.chains.isEmpty { try table.remove() }
            try table.begin(with: filter.chains)
        }
        for network in privateNetworks { steer(network) }
        settleLANs()
    }

    package func perform(_ change: NetworkChange) {
        switch change {
        case .addPrefix(let prefix): add(prefix)
        case .removePrefix(let prefix): remove(prefix)
        case .addHomeAddress(let address): add(address)
        case .removeHomeAddress(let address): remove(address)
        case .beginBreakOut: breakOut(true)
        case .endBreakOut: breakOut(false)
        }
    }

    /// What leaves past the anchor from now on, by routes that are there already (`WANRoutes`). Where nothing changes
    /// nothing is done; what has failed is tried again.
    package func bypass(_ plan: BypassPlan) {
        bypassed = plan
        settleFilter()
    }

    /// What the LANs' IPv6 prefixes are parts of: a delegated prefix, or else the home network prefix.
    package var sitePrefix: IPPrefix? {
        let candidates = prefixes.filter { !$0.isIPv4 && $0.length <= 64 && !routersPrefixes.contains($0) }
        // A delegated prefix is shorter than a home network prefix, of which a node has one /64.
        return candidates.min { ($0.length, "\($0)") < ($1.length, "\($1)") }
    }

    /// What routers on the LANs can have parts of.
    package var delegationPool: PrefixDelegationPool? {
        sitePrefix.map { PrefixDelegationPool($0, reserved: lans.compactMap(\.advertisedPrefix)) }
    }

    private var privateNetworks: [IPPrefix] { lans.compactMap(\.plan.privateAddress?.network) }

    /// What ICMP errors towards hosts come from: addresses of the first LAN that has any.
    package var icmpSources: (ipv6: IPv6Address?, ipv4: IPv4Address?) {
        var sources: (ipv6: IPv6Address?, ipv4: IPv4Address?) = (nil, nil)
        for address in lans.flatMap(\.held.values) {
            switch address {
            case .v4(let address): sources.ipv4 = sources.ipv4 ?? address
            case .v6(let address): sources.ipv6 = sources.ipv6 ?? address
            }
        }
        return sources
    }

    /// One of the LANs is another link now, or gone, or lost what it had.
    package func linkChanged(of lan: SiteLAN, to link: InterfaceIndex?) {
        lan.linkChanged(link)
        settleLANs()
    }

    package func removeAll() {
        for address in homeAddresses { remove(address) }
        for prefix in prefixes { remove(prefix) }
        for network in privateNetworks { release(network) }
        for lan in lans { lan.hold([:]) }
        guard let filter, let table, !filter.chains.isEmpty else { return }
        do throws(FilterFailure) {
            try table.remove()
        } catch {
            logger.error("\(error)")
        }
    }

    /// Takes away what a gateway that was killed has left: its tunnel device went with it and emptied its table, but
    /// rules and barriers stay.
    package func removeLeftovers() {
        logger.attempt { () throws(SystemError) in
            let rules = try self.netlink.rules().filter { $0.owner == .plait }
            let living = Set(try self.netlink.routes().map(\.table))
            let orphans = rules.filter { $0.table != .main && !living.contains($0.table) }
            let sources = Set(orphans.compactMap(\.source))
            let siblings = rules.filter { $0.table == .main && $0.source.map(sources.contains) == true }
            for rule in orphans + siblings { try self.netlink.removeRule(rule) }
            for source in sources { try self.netlink.removeRoute(self.barrier(source)) }
        }
    }

    private func add(_ prefix: IPPrefix) {
        guard prefixes.insert(prefix).inserted else { return }
        steer(prefix)
        settleLANs()
    }

    private func remove(_ prefix: IPPrefix) {
        guard prefixes.remove(prefix) != nil else { return }
        release(prefix)
        settleLANs()
    }

    private func add(_ address: IPv4Address) {
        guard homeAddresses.insert(address).inserted else { return }
        logger.attempt { () throws(SystemError) in
            try self.netlink.addAddress(.v4(address), prefixLength: 32, on: self.device)
        }
        steer(IPPrefix(host: .v4(address)))
        settleFilter()
    }

    private func remove(_ address: IPv4Address) {
        guard homeAddresses.remove(address) != nil else { return }
        settleFilter()
        release(IPPrefix(host: .v4(address)))
        logger.attempt { () throws(SystemError) in
            try self.netlink.removeAddress(.v4(address), prefixLength: 32, on: self.device)
        }
        // With a device's last IPv4 address the kernel drops its routes of that family.
        if let other = steered.first(where: \.isIPv4) {
            logger.attempt { () throws(SystemError) in try self.netlink.addRoute(self.tunnelDefault(other)) }
        }
    }

    /// Packets from here leave through the tunnel.
    private func steer(_ prefix: IPPrefix) {
        logger.attempt { () throws(SystemError) in try self.netlink.addRoute(self.barrier(prefix)) }
        logger.attempt { () throws(SystemError) in try self.netlink.addRoute(self.tunnelDefault(prefix)) }
        for rule in rules(prefix) where !isBrokenOut {
            logger.attempt { () throws(SystemError) in try self.netlink.addRule(rule) }
        }
        steered.insert(prefix)
        if isBrokenOut { settleFilter() }
    }

    /// What the tunnel cannot carry takes the machine's own routes, as if it came from the machine; the prefixes stay on the
    /// LAN, and nobody outside ever sees them.
    private func breakOut(_ isBeginning: Bool) {
        guard isBeginning != isBrokenOut else { return }
        isBrokenOut = isBeginning
        // The filter comes before the routes, and goes after them: nothing leaves untranslated.
        if isBeginning { settleFilter() }
        for rule in steered.flatMap(rules) {
            logger.attempt { () throws(SystemError) in
                if isBeginning { try self.netlink.removeRule(rule) } else { try self.netlink.addRule(rule) }
            }
        }
        if !isBeginning { settleFilter() }
    }

    private func release(_ prefix: IPPrefix) {
        guard steered.remove(prefix) != nil else { return }
        for rule in rules(prefix) where !isBrokenOut {
            logger.attempt { () throws(SystemError) in try self.netlink.removeRule(rule) }
        }
        if isBrokenOut { settleFilter() }
        if !steered.contains(where: { $0.isIPv4 == prefix.isIPv4 }) {
            logger.attempt { () throws(SystemError) in try self.netlink.removeRoute(self.tunnelDefault(prefix)) }
        }
        logger.attempt { () throws(SystemError) in try self.netlink.removeRoute(self.barrier(prefix)) }
    }

    /// An IPv4 prefix goes onto one link whole: how many hosts the others have nobody has said, and home address and
    /// private networks are there for them.
    private func settleLANs() {
        let owner = lans.firstIndex { $0.plan.families.contains(.ipv4) }
        for (place, lan) in lans.enumerated() {
            lan.settle(ipv6: sitePrefix, ipv4: place == owner ? prefixes.filter(\.isIPv4) : [])
        }
    }

    /// Private networks are translated as long as there is a home address, and everything while traffic breaks out.
    private func settleFilter() {
        guard var wanted = filter, let table else { return }
        wanted.homeAddress = homeAddresses.min()
        wanted.bypass = bypassed
        wanted.brokenOut = isBrokenOut ? steered.sorted { "\($0)" < "\($1)" } : []
        guard wanted.chains != filter?.chains else { return }
        do throws(FilterFailure) {
            if wanted.chains.isEmpty { try table.remove() } else { try table.install(wanted.chains) }
            filter = wanted
        } catch {
            logger.error("\(error)")
        }
    }

    private func rules(_ prefix: IPPrefix) -> [RoutingRule] {
        let family: AddressFamily = prefix.isIPv4 ? .ipv4 : .ipv6
        return [
            RoutingRule(
                family: family,
                priority: Self.localPriority,
                from: prefix,
                table: .main,
                suppressedPrefixLength: 0
            ),
            RoutingRule(
                family: family,
                priority: Self.tunnelPriority,
                from: prefix,
                table: routingTable
            ),
        ]
    }

    private func tunnelDefault(_ prefix: IPPrefix) -> Route {
        let everything = IPPrefix(prefix.isIPv4 ? .v4(.zero) : .v6(.zero), length: 0) ?? prefix
        return Route(to: everything, by: device, table: routingTable)
    }

    private func barrier(_ prefix: IPPrefix) -> Route {
        Route(to: prefix, kind: .unreachable, metric: Self.lastMetric)
    }
}
