// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// The anchor's routing: what is assigned to mobile nodes is routed into the tunnel device (RFC 5213 §5.6.1), and the
/// upstream network is shown it as its pool says.
///
/// A pool that is ours alone has one route, from start to stop: a registration then costs the kernel nothing, and what
/// nobody has does not bounce between us and the upstream router. Out of a pool that lies within the upstream link's own
/// prefix, and of what is in no pool, each prefix has a route of its own.
package final class AnchorNetwork {
    /// Behind everything else in the main table.
    private static let lastMetric: UInt32 = 0xFFFF_FFFE

    private let netlink: NetlinkSocket
    private let device: InterfaceIndex
    private let routed: [IPPrefix]
    /// Pools out of the upstream link's own addresses.
    private let onLink: [IPPrefix]
    private let proxy: NeighborProxy?
    private let filter: AnchorFilter?
    private let table: FilterTable?
    private let logger: Logger

    /// - Parameters:
    ///   - routed: pools that nobody but mobile nodes has addresses of.
    ///   - onLink: pools within the upstream link's own prefix.
    package init(
        tunnel device: InterfaceIndex,
        routed: [IPPrefix] = [],
        onLink: [IPPrefix] = [],
        proxy: NeighborProxy? = nil,
        filter: AnchorFilter? = nil,
        netlink: NetlinkSocket,
        logger: Logger
    ) {
        self.device = device
        self.routed = routed
        self.onLink = onLink
        self.proxy = proxy
        self.filter = filter
        table = filter.map { FilterTable(tunnelDevice: $0.tunnelDevice) }
        self.netlink = netlink
        self.logger = logger
    }

    /// Throws ``FilterFailure`` or what the system says of the upstream link.
    package func start() throws {
        if let filter { try table?.begin(with: filter.chains) }
        for pool in routed { try netlink.addRoute(poolRoute(pool)) }
        try proxy?.start()
    }

    package func stop() {
        proxy?.stop()
        for pool in routed {
            logger.attempt { () throws(SystemError) in try self.netlink.removeRoute(self.poolRoute(pool)) }
        }
        guard filter?.chains.isEmpty == false else { return }
        do throws(FilterFailure) {
            try table?.remove()
        } catch {
            logger.error("\(error)")
        }
    }

    package func perform(_ change: NetworkChange) {
        logger.attempt { () throws(SystemError) in
            switch change {
            case .addPrefix(let prefix): try self.add(prefix)
            case .removePrefix(let prefix): try self.remove(prefix)
            case .addHomeAddress(let address): try self.add(IPPrefix(host: .v4(address)))
            case .removeHomeAddress(let address): try self.remove(IPPrefix(host: .v4(address)))
            case .beginBreakOut, .endBreakOut: break
            }
        }
    }

    private func add(_ prefix: IPPrefix) throws(SystemError) {
        guard !isRouted(prefix) else { return }
        // The route comes first: what we attract must go on.
        try netlink.addRoute(route(prefix))
        if isOnLink(prefix) { proxy?.add(prefix) }
    }

    private func remove(_ prefix: IPPrefix) throws(SystemError) {
        guard !isRouted(prefix) else { return }
        if isOnLink(prefix) { proxy?.remove(prefix) }
        try netlink.removeRoute(route(prefix))
    }

    private func isRouted(_ prefix: IPPrefix) -> Bool { routed.contains { $0.contains(prefix) } }

    private func isOnLink(_ prefix: IPPrefix) -> Bool { onLink.contains { $0.contains(prefix) } }

    /// Should a link of the machine's have addresses of the pool, they are the link's.
    private func poolRoute(_ pool: IPPrefix) -> Route { Route(to: pool, by: device, metric: Self.lastMetric) }

    private func route(_ prefix: IPPrefix) -> Route { Route(to: prefix, by: device) }
}
