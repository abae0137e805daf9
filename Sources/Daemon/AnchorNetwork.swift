// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
import Wire

/// The anchor's routing: every assigned prefix is routed into the tunnel device (RFC 5213 §5.6.1).
package struct AnchorNetwork {
    private let netlink: NetlinkSocket
    private let device: InterfaceIndex
    private let logger: Logger

    package init(tunnel device: InterfaceIndex, netlink: NetlinkSocket, logger: Logger) {
        self.device = device
        self.netlink = netlink
        self.logger = logger
    }

    package func perform(_ change: NetworkChange) {
        do throws(SystemError) {
            switch change {
            case .addPrefix(let prefix): try netlink.addRoute(route(prefix))
            case .removePrefix(let prefix): try netlink.removeRoute(route(prefix))
            case .addHomeAddress(let address): try netlink.addRoute(route(IPPrefix(host: .v4(address))))
            case .removeHomeAddress(let address): try netlink.removeRoute(route(IPPrefix(host: .v4(address))))
            }
        } catch {
            logger.error("\(error)")
        }
    }

    private func route(_ prefix: IPPrefix) -> Route { Route(to: prefix, by: device) }
}
