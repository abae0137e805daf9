// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// The gateway's routing: packets from the session's prefixes leave through the tunnel device (RFC 5213 §6.10.5), whatever
/// default routes the access networks offer; the LAN link has the first address of each prefix.
///
/// ```
/// rule 5212: from PREFIX lookup main suppress_prefixlength 0     neighbours on the LAN, but no default route
/// rule 5213: from PREFIX lookup TABLE                            the tunnel
/// table TABLE: default dev TUNNEL                                a table for each tunnel device
/// table main: unreachable PREFIX                                 what no LAN link holds does not bounce to the anchor
/// ```
package final class GatewayNetwork {
    /// Of the tables' numbers; the tunnel device's index is added, so that two gateways on one machine do not meet.
    private static let firstTable: UInt32 = 2_130_000
    private static let localPriority: UInt32 = 5212
    private static let tunnelPriority: UInt32 = 5213
    /// Behind everything else in the main table.
    private static let lastMetric: UInt32 = 0xFFFF_FFFE

    private let table: RoutingTable
    private let netlink: NetlinkSocket
    private let device: InterfaceIndex
    private var lan: InterfaceIndex?
    private let logger: Logger
    /// How the LAN link is given its addresses.
    private let addresses: LentAddresses
    private var prefixes: Set<IPPrefix> = []
    /// What the LAN link was given, and loses again.
    package private(set) var lanAddresses: [IPPrefix: IPAddress] = [:]

    package init(
        tunnel device: InterfaceIndex,
        lan: InterfaceIndex?,
        journal: Journal? = nil,
        netlink: NetlinkSocket,
        logger: Logger
    ) {
        table = RoutingTable(Self.firstTable &+ device.value)
        self.device = device
        self.lan = lan
        self.netlink = netlink
        addresses = LentAddresses(journal, netlink: netlink)
        self.logger = logger
    }

    package func perform(_ change: NetworkChange) {
        switch change {
        case .addPrefix(let prefix): add(prefix)
        case .removePrefix(let prefix): remove(prefix)
        case .addHomeAddress(let address): add(IPPrefix(host: .v4(address)))
        case .removeHomeAddress(let address): remove(IPPrefix(host: .v4(address)))
        }
    }

    /// The prefix that hosts on the LAN take their IPv6 addresses from: the first /64 of a delegated prefix, or else of
    /// the home network prefix.
    package var advertisedPrefix: IPPrefix? {
        let candidates = prefixes.filter { !$0.isIPv4 && $0.length <= 64 }
        // A delegated prefix is shorter than a home network prefix, of which a node has one /64.
        guard let best = candidates.min(by: { ($0.length, "\($0)") < ($1.length, "\($1)") }) else { return nil }
        return best.subprefix(length: 64, at: 0)
    }

    /// What ICMP errors towards hosts come from.
    package var icmpSources: (ipv6: IPv6Address?, ipv4: IPv4Address?) {
        var sources: (ipv6: IPv6Address?, ipv4: IPv4Address?) = (nil, nil)
        for address in lanAddresses.values {
            switch address {
            case .v4(let address): sources.ipv4 = address
            case .v6(let address): sources.ipv6 = address
            }
        }
        return sources
    }

    /// The LAN link is another one now, or gone, or lost what it had.
    package func lanChanged(_ link: InterfaceIndex?) {
        attempt { () throws(SystemError) in try self.addresses.forgetAll() }
        lan = link
        lanAddresses = [:]
        settleLAN()
    }

    package func removeAll() {
        for prefix in prefixes { remove(prefix) }
    }

    /// Takes away what a gateway that was killed has left: its tunnel device went with it and emptied its table, but
    /// rules and barriers stay.
    package func removeLeftovers() {
        attempt { () throws(SystemError) in
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
        attempt { () throws(SystemError) in try self.netlink.addRoute(self.barrier(prefix)) }
        attempt { () throws(SystemError) in try self.netlink.addRoute(self.tunnelDefault(prefix)) }
        for rule in rules(prefix) {
            attempt { () throws(SystemError) in try self.netlink.addRule(rule) }
        }
        settleLAN()
    }

    private func remove(_ prefix: IPPrefix) {
        guard prefixes.remove(prefix) != nil else { return }
        for rule in rules(prefix) {
            attempt { () throws(SystemError) in try self.netlink.removeRule(rule) }
        }
        if !prefixes.contains(where: { $0.isIPv4 == prefix.isIPv4 }) {
            attempt { () throws(SystemError) in try self.netlink.removeRoute(self.tunnelDefault(prefix)) }
        }
        attempt { () throws(SystemError) in try self.netlink.removeRoute(self.barrier(prefix)) }
        settleLAN()
    }

    /// Gives the LAN link its addresses: ::1 in the advertised /64, the first host of each IPv4 prefix.
    private func settleLAN() {
        guard let lan else { return }
        var wanted = prefixes.filter(\.isIPv4)
        if let advertised = advertisedPrefix { wanted.insert(advertised) }
        for (prefix, held) in lanAddresses where !wanted.contains(prefix) {
            attempt { () throws(SystemError) in
                try self.addresses.remove(held, prefixLength: Int(prefix.length), on: lan)
            }
            lanAddresses[prefix] = nil
        }
        for prefix in wanted where lanAddresses[prefix] == nil {
            guard let address = prefix.address(at: 1) else { continue }
            let isAdded = attempt { () throws(SystemError) in
                try self.addresses.add(address, prefixLength: Int(prefix.length), on: lan)
            }
            if isAdded { lanAddresses[prefix] = address }
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
                table: table
            ),
        ]
    }

    private func tunnelDefault(_ prefix: IPPrefix) -> Route {
        let everything = IPPrefix(prefix.isIPv4 ? .v4(.zero) : .v6(.zero), length: 0) ?? prefix
        return Route(to: everything, by: device, table: table)
    }

    private func barrier(_ prefix: IPPrefix) -> Route {
        Route(to: prefix, kind: .unreachable, metric: Self.lastMetric)
    }

    @discardableResult
    private func attempt(_ change: () throws(SystemError) -> Void) -> Bool {
        do throws(SystemError) {
            try change()
            return true
        } catch {
            logger.error("\(error)")
            return false
        }
    }
}
