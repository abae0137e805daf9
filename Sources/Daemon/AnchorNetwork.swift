// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// The anchor's routing: every assigned prefix and home address is routed into the tunnel device (RFC 5213 §5.6.1), and
/// the upstream network is shown them as their pools say.
package final class AnchorNetwork {
    private let netlink: NetlinkSocket
    private let device: InterfaceIndex
    /// Pools out of the upstream link's own addresses.
    private let onLink: [IPPrefix]
    private let proxy: NeighborProxy?
    private let filter: AnchorFilter?
    private let table: FilterTable?
    private let logger: Logger

    package init(
        tunnel device: InterfaceIndex,
        onLink: [IPPrefix] = [],
        proxy: NeighborProxy? = nil,
        filter: AnchorFilter? = nil,
        netlink: NetlinkSocket,
        logger: Logger
    ) {
        self.device = device
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
        try proxy?.start()
    }

    package func stop() {
        proxy?.stop()
        guard filter?.chains.isEmpty == false else { return }
        do throws(FilterFailure) {
            try table?.remove()
        } catch {
            logger.error("\(error)")
        }
    }

    package func perform(_ change: NetworkChange) {
        do throws(SystemError) {
            switch change {
            case .addPrefix(let prefix): try add(prefix)
            case .removePrefix(let prefix): try remove(prefix)
            case .addHomeAddress(let address): try add(IPPrefix(host: .v4(address)))
            case .removeHomeAddress(let address): try remove(IPPrefix(host: .v4(address)))
            case .beginBreakOut, .endBreakOut: break
            }
        } catch {
            logger.error("\(error)")
        }
    }

    private func add(_ prefix: IPPrefix) throws(SystemError) {
        // The route comes first: what we attract must go on.
        try netlink.addRoute(route(prefix))
        if isOnLink(prefix) { proxy?.add(prefix) }
    }

    private func remove(_ prefix: IPPrefix) throws(SystemError) {
        if isOnLink(prefix) { proxy?.remove(prefix) }
        try netlink.removeRoute(route(prefix))
    }

    private func isOnLink(_ prefix: IPPrefix) -> Bool { onLink.contains { $0.contains(prefix) } }

    private func route(_ prefix: IPPrefix) -> Route { Route(to: prefix, by: device) }
}
