// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Wire

/// Routes for access networks that the main table has no default route for.
///
/// The tunnels' sockets are bound to their links, and the kernel then passes over all routes by others: a default route of
/// whatever metric by the link is found. Where the main table has none by the link (the system's clients keep it in another
/// table, or made none for a second line), it is put where only packets with the care-of address come to, and only when
/// the main table knows no way for them. What the machine itself sends is routed as ever.
///
/// Packets of the site that are to leave without a tunnel bear a mark (`BypassPlan`), and have tables of their own.
///
/// ```
/// rule 5211: fwmark MARK lookup TABLE + 500
/// rule 32771: from CARE-OF-ADDRESS lookup TABLE
/// table TABLE: default via ROUTER dev LINK             a table for each WAN of each tunnel device
/// table TABLE + 500: default via ROUTER dev LINK       another for packets without a tunnel
/// ```
package final class WANRoutes {
    /// Of the tables' numbers: 2 000 000 000 + 1000 × tunnel device + binding identifier.
    private static let firstTable: UInt32 = 2_000_000_000
    private static let tablesOfADevice: UInt32 = 1000
    private static let devices: UInt32 = 100_000
    /// Beyond the binding identifiers.
    private static let exitTables: UInt32 = 500
    /// Behind those of the tables main and default.
    private static let priority: UInt32 = 32771
    /// Before the rules that lead the site's packets into the tunnel (`GatewayNetwork`).
    private static let exitPriority: UInt32 = 5211

    /// How a link's packets reach the world.
    package enum Way: Equatable, Sendable {
        /// The main table has a default route by the link.
        case own(router: IPAddress?)
        /// It stands elsewhere, or there is only one neighbour.
        case found(Route)
        /// No router is known, and the anchor is not on the link.
        case none

        var router: IPAddress? {
            switch self {
            case .own(let router): router
            case .found(let route): route.gateway
            case .none: nil
            }
        }
    }

    /// A route, and for which packets it is there.
    package struct Wanted: Equatable, Sendable {
        package let rule: RoutingRule
        package let route: Route

        /// For one care-of address.
        package init(careOf: IPAddress, route: Route) {
            self.route = route
            rule = RoutingRule(
                family: AddressFamily(of: careOf),
                priority: WANRoutes.priority,
                from: IPPrefix(host: careOf),
                table: route.table
            )
        }

        /// For marked packets.
        package init(mark: PacketMark, route: Route) {
            self.route = route
            rule = RoutingRule(
                family: route.prefix.isIPv4 ? .ipv4 : .ipv6,
                priority: WANRoutes.exitPriority,
                mark: mark,
                table: route.table
            )
        }
    }

    private let tunnel: InterfaceIndex
    private let netlink: NetlinkSocket
    private let logger: Logger
    private var rules: Set<RoutingRule> = []
    private var routes: Set<Route> = []

    package init(tunnel: InterfaceIndex, netlink: NetlinkSocket, logger: Logger) {
        self.tunnel = tunnel
        self.netlink = netlink
        self.logger = logger
    }

    package func way(of network: AccessNetwork, over link: LinkState) throws(SystemError) -> Way {
        let all = try routes(of: network.family, by: link)
        if let (best, router) = Self.best(all, by: link) {
            if best.table == .main { return .own(router: router) }
            return .found(copy(network, link, router: router))
        }
        if link.isPointToPoint { return .found(copy(network, link, router: nil)) }
        let isOnLink = network.anchors.contains { anchor in
            all.contains { $0.table == .main && $0.prefix.contains(anchor) }
        }
        if isOnLink {
            return .own(router: nil)
        }
        return .none
    }

    /// How packets of the network's family leave by the link without a tunnel; nil if no router is known.
    package func exit(by network: AccessNetwork, over link: LinkState) throws(SystemError) -> Route? {
        if let (_, router) = Self.best(try routes(of: network.family, by: link), by: link) {
            return copy(network, link, router: router, isExit: true)
        }
        return link.isPointToPoint ? copy(network, link, router: nil, isExit: true) : nil
    }

    /// Other people's.
    private func routes(of family: AddressFamily, by link: LinkState) throws(SystemError) -> [Route] {
        try netlink.routes(family, by: link.index).filter { $0.kind == .unicast && $0.owner != .plait }
    }

    /// The default route that somebody meant to be preferred: that of the main table first, then the lesser number and
    /// metric.
    private static func best(_ routes: [Route], by link: LinkState) -> (route: Route, router: IPAddress?)? {
        let best = routes.filter { $0.prefix.length == 0 }.min {
            ($0.table == .main ? 0 : 1, $0.table.value, $0.metric ?? 0)
                < ($1.table == .main ? 0 : 1, $1.table.value, $1.metric ?? 0)
        }
        return best.map { ($0, $0.gateway ?? $0.hops.first { $0.interface == link.index }?.gateway) }
    }

    /// Makes what is wanted, and removes what is not any more.
    package func settle(_ wanted: [Wanted]) {
        let newRules = Set(wanted.map(\.rule))
        let newRoutes = Set(wanted.map(\.route))
        // What went with its link need not be removed.
        for rule in rules.subtracting(newRules) {
            logger.attempt(orSayAt: .debug) { () throws(SystemError) in try self.netlink.removeRule(rule) }
        }
        for route in routes.subtracting(newRoutes) {
            logger.attempt(orSayAt: .debug) { () throws(SystemError) in try self.netlink.removeRoute(route) }
        }
        for route in newRoutes { logger.attempt { () throws(SystemError) in try self.addUnlessPresent(route) } }
        // What could not be added is tried again the next time.
        let added = newRules.subtracting(rules).filter { rule in
            logger.attempt { () throws(SystemError) in try self.netlink.addRule(rule) }
        }
        for wanted in wanted where added.contains(wanted.rule) { logger.info("\(wanted)") }
        rules = rules.intersection(newRules).union(added)
        routes = newRoutes
    }

    /// Takes away what gateways that were killed have left: their tunnel devices are gone.
    package static func removeLeftovers(_ netlink: NetlinkSocket, logger: Logger) throws(SystemError) {
        let living = Set(try netlink.links().map { $0.index.value % devices })
        func isLeft(_ table: RoutingTable, _ owner: RouteOwner) -> Bool {
            guard owner == .plait, table.value >= firstTable, table.value - firstTable < devices * tablesOfADevice
            else { return false }
            return !living.contains((table.value - firstTable) / tablesOfADevice)
        }
        for rule in try netlink.rules() where isLeft(rule.table, rule.owner) {
            try netlink.removeRule(rule)
            logger.info("the rule \(rule), left by a gateway that was killed, is removed")
        }
        for route in try netlink.routes() where isLeft(route.table, route.owner) {
            try netlink.removeRoute(route)
            logger.info("the route \(route), left by a gateway that was killed, is removed")
        }
    }

    private func copy(
        _ network: AccessNetwork,
        _ link: LinkState,
        router: IPAddress?,
        isExit: Bool = false
    ) -> Route {
        let isIPv4 = network.family == .ipv4
        let everything = IPPrefix(isIPv4 ? .v4(.zero) : .v6(.zero), length: 0)
        let number = UInt32(network.number) &+ (isExit ? Self.exitTables : 0)
        let table = Self.firstTable &+ tunnel.value % Self.devices * Self.tablesOfADevice &+ number
        var route = Route(
            to: everything ?? IPPrefix(host: isIPv4 ? .v4(.zero) : .v6(.zero)),
            by: link.index,
            gateway: router,
            table: RoutingTable(table)
        )
        // The kernel would look for the router's own route by other tables, and other links.
        route.isOnLink = isIPv4 && router != nil
        return route
    }

    /// The kernel drops routes of a link that goes down, and if it comes back at once nobody has noticed.
    private func addUnlessPresent(_ route: Route) throws(SystemError) {
        if routes.contains(route), let interface = route.interface {
            let family: AddressFamily = route.prefix.isIPv4 ? .ipv4 : .ipv6
            let present = try netlink.routes(family, by: interface)
            if present.contains(where: { $0.table == route.table && $0.gateway == route.gateway }) { return }
        }
        try netlink.addRoute(route)
    }
}

extension WANRoutes.Wanted: CustomStringConvertible {
    package var description: String {
        let packets = rule.mark.map { "marked \($0)" } ?? rule.source.map { "from \($0.address)" } ?? ""
        return "packets \(packets) take the route \(route)"
    }
}
