// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// The routing of mobile nodes on access links: all that comes from such a link goes into the tunnel or nowhere
/// (RFC 5213 §6.10.5), and only if it is the sender's own address that it comes from; what is for a node goes to its link.
///
/// ```
/// rule 5213: from HOME-ADDRESS lookup TABLE      so that the kernel believes what comes for it by the tunnel (rp_filter)
/// rule 5214: iif LINK lookup TABLE
/// table TABLE: default dev TUNNEL; unreachable default            a table for each tunnel device
/// table main: PREFIX via NODE dev LINK, HOME-ADDRESS dev LINK
/// ```
///
/// All addresses in a node's prefix are its own (RFC 5213 §2), and where it is, its profile says. So NODE is an address that
/// stands for its interface, and nobody asks on the link who has one of them: a node that is on its way could not answer, and
/// would not be asked again for a second.
package final class NodeRoutes {
    /// What one node has on its link.
    private struct Node: Equatable {
        var link: LinkState
        var linkLayerAddress: LinkLayerAddress
        var prefixes: [IPPrefix]
        var homeAddress: IPv4Address?
        var router: IPv4Address?

        func route(to prefix: IPPrefix) -> Route {
            Route(
                to: prefix,
                by: link.index,
                gateway: prefix.isIPv4 ? nil : .v6(NodeRoutes.hop(to: linkLayerAddress))
            )
        }

        var all: [IPPrefix] { prefixes + (homeAddress.map { [IPPrefix(host: .v4($0))] } ?? []) }
    }

    private static let firstTable: UInt32 = 2_140_000
    private static let tables: UInt32 = 10_000
    private static let sourcePriority: UInt32 = 5213
    private static let linkPriority: UInt32 = 5214
    private static let lastMetric: UInt32 = 0xFFFF_FFFE

    private let tunnel: InterfaceIndex
    private let table: RoutingTable
    private let netlink: NetlinkSocket
    private let filter: FilterTable
    private let logger: Logger
    private var links: [String] = []
    private var nodes: [NodeIdentifier: Node] = [:]
    private var installed: [FilterChain] = []

    package init(tunnel: InterfaceIndex, tunnelDevice: String, netlink: NetlinkSocket, logger: Logger) {
        self.tunnel = tunnel
        self.netlink = netlink
        self.logger = logger
        table = RoutingTable(Self.firstTable &+ tunnel.value % Self.tables)
        filter = Self.table(tunnelDevice)
    }

    /// Throws if the packet filter cannot be had.
    package static func requirePossible(tunnelDevice: String) throws(FilterFailure) {
        try table(tunnelDevice).remove()
    }

    /// No device has a slash in its name: nobody else's table is meant.
    private static func table(_ tunnelDevice: String) -> FilterTable {
        FilterTable(tunnelDevice: "\(tunnelDevice)/nodes")
    }

    /// Nothing passes from these links, whoever is on them. Throws if the packet filter cannot be had.
    package func start(on links: [String]) throws(FilterFailure) {
        self.links = links
        installed = chains
        try filter.begin(with: installed)
        guard !links.isEmpty else { return }
        addDefaults()
        for rule in links.flatMap(rules) { logger.attempt { () throws(SystemError) in try self.netlink.addRule(rule) } }
    }

    /// With a device's last IPv4 address the kernel drops its routes of that family.
    package func addDefaults() {
        guard !links.isEmpty else { return }
        for route in defaults { logger.attempt { () throws(SystemError) in try self.netlink.addRoute(route) } }
    }

    package func removeAll() {
        for identifier in nodes.keys.sorted() { stopServing(identifier) }
        for rule in links.flatMap(rules) {
            logger.attempt { () throws(SystemError) in try self.netlink.removeRule(rule) }
        }
        if !links.isEmpty {
            for route in defaults { logger.attempt { () throws(SystemError) in try self.netlink.removeRoute(route) } }
        }
        do throws(FilterFailure) {
            if !links.isEmpty { try filter.remove() }
        } catch {
            logger.error("\(error)")
        }
        links = []
    }

    // MARK: Nodes

    /// Stands for the interface in the kernel's routes and its list of neighbours, whatever the node calls itself.
    static func hop(to linkLayerAddress: LinkLayerAddress) -> IPv6Address { IPv6Address(linkLocalOf: linkLayerAddress) }

    /// What comes from the node passes once `settleFilter` was called.
    package func serve(_ service: MobileNodeService, at linkLayerAddress: LinkLayerAddress, on link: LinkState) {
        let node = Node(
            link: link,
            linkLayerAddress: linkLayerAddress,
            prefixes: service.homeNetworkPrefixes,
            homeAddress: service.homeAddress?.address,
            router: service.homeAddress?.defaultRouter
        )
        let old = nodes[service.identifier]
        guard node != old else { return }
        let isInPlace = old?.link.index == link.index && old?.linkLayerAddress == linkLayerAddress
        if let old { withdraw(old, unless: isInPlace ? node.all : []) }
        nodes[service.identifier] = node
        for prefix in node.all where !isInPlace || old?.all.contains(prefix) != true {
            logger.attempt { () throws(SystemError) in try self.netlink.addRoute(node.route(to: prefix)) }
        }
        if let rule = sourceRule(node), old?.homeAddress != node.homeAddress {
            logger.attempt { () throws(SystemError) in try self.netlink.addRule(rule) }
        }
    }

    package func stopServing(_ identifier: NodeIdentifier) {
        guard let node = nodes.removeValue(forKey: identifier) else { return }
        withdraw(node, unless: [])
    }

    private func withdraw(_ node: Node, unless kept: [IPPrefix]) {
        for prefix in node.all where !kept.contains(prefix) {
            // What went with its link need not be removed.
            logger.attempt(orSayAt: .debug) { () throws(SystemError) in
                try self.netlink.removeRoute(node.route(to: prefix))
            }
            guard prefix.isIPv4, let rule = sourceRule(node) else { continue }
            logger.attempt { () throws(SystemError) in try self.netlink.removeRule(rule) }
        }
    }

    /// From where errors about packets of nodes may come: the default router (RFC 5844 §3.2.3.2), and the subnet-router
    /// anycast address (RFC 4291 §2.6.1), which no node has.
    package var icmpSources: (ipv6: IPv6Address?, ipv4: IPv4Address?) {
        (nodes.values.flatMap(\.prefixes).compactMap(\.address.ipv6).min(), nodes.values.compactMap(\.router).min())
    }

    // MARK: The packet filter

    /// After each turn: many nodes may have come at once.
    package func settleFilter() {
        let wanted = chains
        guard wanted != installed else { return }
        do throws(FilterFailure) {
            try filter.install(wanted)
            installed = wanted
        } catch {
            logger.error("\(error)")
        }
    }

    /// Nodes share a link: which of them sends, its link-layer address says.
    private var chains: [FilterChain] {
        guard !links.isEmpty else { return [] }
        // The gateway has had it from the link already, and answers or relays it (RFC 5844 §3.4.2), whomever it is sent to.
        var rules = links.map { "iifname \(filterQuoted($0)) udp dport 67 drop" }
        for (_, node) in nodes.sorted(by: { $0.key < $1.key }) {
            let sender = "iifname \(filterQuoted(node.link.name)) ether saddr \(node.linkLayerAddress)"
            rules += node.all.map { "\(sender) \($0.isIPv4 ? "ip" : "ip6") saddr \($0) accept" }
        }
        rules += links.map { "iifname \(filterQuoted($0)) drop" }
        return [FilterChain("senders", .through, rules)]
    }

    // MARK: Leftovers

    /// Takes away what gateways that were killed have left: their tunnel devices are gone.
    package static func removeLeftovers(_ netlink: NetlinkSocket, logger: Logger) throws(SystemError) {
        let links = try netlink.links()
        let living = Set(links.map { $0.index.value % tables })
        func isLeft(_ table: RoutingTable) -> Bool {
            table.value >= firstTable && table.value - firstTable < tables
                && !living.contains(table.value - firstTable)
        }
        var names: Set<String> = []
        for rule in try netlink.rules() where rule.owner == .plait && isLeft(rule.table) {
            if let name = rule.incomingInterface { names.insert(name) }
            try netlink.removeRule(rule)
            logger.info("the rule \(rule), left by a gateway that was killed, is removed")
        }
        let left = Set(links.filter { names.contains($0.name) }.map(\.index))
        for route in try netlink.routes() where route.owner == .plait {
            let isToNode = route.table == .main && route.interface.map(left.contains) == true
            guard isToNode || isLeft(route.table) else { continue }
            try netlink.removeRoute(route)
            logger.info("the route \(route), left by a gateway that was killed, is removed")
        }
    }

    // MARK: Parts

    private var defaults: [Route] {
        [IPPrefix(.v4(.zero), length: 0), IPPrefix(.v6(.zero), length: 0)].compactMap(\.self).flatMap { everything in
            [
                Route(to: everything, by: tunnel, table: table, metric: 1),
                Route(to: everything, kind: .unreachable, table: table, metric: Self.lastMetric),
            ]
        }
    }

    private func rules(_ link: String) -> [RoutingRule] {
        [AddressFamily.ipv4, .ipv6].map {
            RoutingRule(family: $0, priority: Self.linkPriority, incomingInterface: link, table: table)
        }
    }

    private func sourceRule(_ node: Node) -> RoutingRule? {
        node.homeAddress.map { address in
            RoutingRule(
                family: .ipv4,
                priority: Self.sourcePriority,
                from: IPPrefix(host: .v4(address)),
                table: table
            )
        }
    }
}

extension IPAddress {
    fileprivate var ipv6: IPv6Address? { if case .v6(let address) = self { address } else { nil } }
}
