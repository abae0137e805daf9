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
/// ```
/// rule 32771: from CARE-OF-ADDRESS lookup TABLE
/// table TABLE: default via ROUTER dev LINK             a table for each WAN of each tunnel device
/// ```
package final class WANRoutes {
    /// Of the tables' numbers: 2 000 000 000 + 1000 × tunnel device + binding identifier.
    private static let firstTable: UInt32 = 2_000_000_000
    private static let tablesOfADevice: UInt32 = 1000
    private static let devices: UInt32 = 100_000
    /// Behind those of the tables main and default.
    private static let priority: UInt32 = 32771

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

    /// A route for one care-of address.
    package struct Wanted: Equatable, Sendable {
        package let careOf: IPAddress
        package let route: Route

        package init(careOf: IPAddress, route: Route) {
            self.careOf = careOf
            self.route = route
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
        let all = try netlink.routes(network.family, by: link.index).filter {
            $0.kind == .unicast && $0.owner != .plait
        }
        let defaults = all.filter { $0.prefix.length == 0 }.sorted {
            // The main table first, then the lesser number and metric: somebody meant it to be preferred.
            ($0.table == .main ? 0 : 1, $0.table.value, $0.metric ?? 0)
                < ($1.table == .main ? 0 : 1, $1.table.value, $1.metric ?? 0)
        }
        if let best = defaults.first {
            let router = best.gateway ?? best.hops.first { $0.interface == link.index }?.gateway
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

    /// Makes what is wanted, and removes what is not any more.
    package func settle(_ wanted: [Wanted]) {
        let newRules = Set(wanted.map { rule($0) })
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
        for wanted in wanted where added.contains(rule(wanted)) { logger.info("\(wanted)") }
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

    private func copy(_ network: AccessNetwork, _ link: LinkState, router: IPAddress?) -> Route {
        let isIPv4 = network.family == .ipv4
        let everything = IPPrefix(isIPv4 ? .v4(.zero) : .v6(.zero), length: 0)
        let table = Self.firstTable &+ tunnel.value % Self.devices * Self.tablesOfADevice &+ UInt32(network.number)
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

    private func rule(_ wanted: Wanted) -> RoutingRule {
        RoutingRule(
            family: AddressFamily(of: wanted.careOf),
            priority: Self.priority,
            from: IPPrefix(host: wanted.careOf),
            table: wanted.route.table
        )
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
    package var description: String { "packets from \(careOf) take the route \(route)" }
}
