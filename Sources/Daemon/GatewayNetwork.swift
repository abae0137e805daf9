// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// The gateway's routing: packets from the session's prefixes leave through the tunnel device (RFC 5213 §6.10.5), whatever
/// default routes the access networks offer; the LAN link has the first address of each prefix.
///
/// ```
/// rule 5212: from PREFIX lookup main suppress_prefixlength 0     neighbours on the LAN, but no default route
/// rule 5213: from PREFIX lookup 213                              the tunnel
/// table 213: default dev TUNNEL
/// table main: unreachable PREFIX                                 what no LAN link holds does not bounce to the anchor
/// ```
final class GatewayNetwork {
    private static let table = RoutingTable(213)
    private static let localPriority: UInt32 = 5212
    private static let tunnelPriority: UInt32 = 5213
    /// Behind everything else in the main table.
    private static let lastMetric: UInt32 = 0xFFFF_FFFE

    private let netlink: NetlinkSocket
    private let device: InterfaceIndex
    private let lan: InterfaceIndex?
    private let logger: Logger
    private var prefixes: Set<IPPrefix> = []
    /// What the LAN link was given, and loses again.
    private(set) var lanAddresses: [IPPrefix: IPAddress] = [:]

    init(tunnel device: InterfaceIndex, lan: InterfaceIndex?, netlink: NetlinkSocket, logger: Logger) {
        self.device = device
        self.lan = lan
        self.netlink = netlink
        self.logger = logger
    }

    func perform(_ change: NetworkChange) {
        switch change {
        case .addPrefix(let prefix): add(prefix)
        case .removePrefix(let prefix): remove(prefix)
        }
    }

    /// The prefix that hosts on the LAN take their IPv6 addresses from: the first /64 of a delegated prefix, or else of
    /// the home network prefix.
    var advertisedPrefix: IPPrefix? {
        let candidates = prefixes.filter { !$0.isIPv4 && $0.length <= 64 }
        // A delegated prefix is shorter than a home network prefix, of which a node has one /64.
        guard let best = candidates.min(by: { ($0.length, "\($0)") < ($1.length, "\($1)") }) else { return nil }
        return best.subprefix(length: 64, at: 0)
    }

    /// What ICMP errors towards hosts come from.
    var icmpSources: (ipv6: IPv6Address?, ipv4: IPv4Address?) {
        var sources: (ipv6: IPv6Address?, ipv4: IPv4Address?) = (nil, nil)
        for address in lanAddresses.values {
            switch address {
            case .v4(let address): sources.ipv4 = address
            case .v6(let address): sources.ipv6 = address
            }
        }
        return sources
    }

    func removeAll() {
        for prefix in prefixes { remove(prefix) }
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
                try self.netlink.removeAddress(held, prefixLength: Int(prefix.length), on: lan)
            }
            lanAddresses[prefix] = nil
        }
        for prefix in wanted where lanAddresses[prefix] == nil {
            guard let address = prefix.address(at: 1) else { continue }
            attempt { () throws(SystemError) in
                try self.netlink.addAddress(
                    address,
                    prefixLength: Int(prefix.length),
                    on: lan,
                    detectsDuplicates: false
                )
            }
            lanAddresses[prefix] = address
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
                table: Self.table
            ),
        ]
    }

    private func tunnelDefault(_ prefix: IPPrefix) -> Route {
        let everything = IPPrefix(prefix.isIPv4 ? .v4(.zero) : .v6(.zero), length: 0) ?? prefix
        return Route(to: everything, by: device, table: Self.table)
    }

    private func barrier(_ prefix: IPPrefix) -> Route {
        Route(to: prefix, kind: .unreachable, metric: Self.lastMetric)
    }

    private func attempt(_ change: () throws(SystemError) -> Void) {
        do throws(SystemError) { try change() } catch { logger.error("\(error)") }
    }
}
