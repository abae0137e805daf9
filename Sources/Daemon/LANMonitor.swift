// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging

/// Follows the site's own link: a bridge that is made anew, a switch that is plugged in again. Belongs to the control
/// plane's thread.
package final class LANMonitor {
    /// What was told last.
    private struct Standing: Equatable {
        var index: InterfaceIndex
        /// IPv6 addresses go when a link is set down.
        var isUp: Bool
    }

    private let name: String
    private let reactor: Reactor
    private let logger: Logger
    private let netlink: NetlinkSocket
    private let monitor: NetworkMonitor
    private var standing: Standing?
    private var changed: (LinkState?) -> Void = { _ in }

    package init(_ name: String, on reactor: Reactor, logger: Logger) throws(SystemError) {
        self.name = name
        self.reactor = reactor
        self.logger = logger
        netlink = try NetlinkSocket()
        monitor = try NetworkMonitor()
    }

    /// From now on tells when the link is gone (nil), another one, or set up again: it has no addresses of ours then.
    package func start(_ changed: @escaping (LinkState?) -> Void) throws(SystemError) {
        standing = try netlink.link(named: name).map { Standing(index: $0.index, isUp: $0.isUp) }
        self.changed = changed
        try reactor.watch(monitor.fd) { [unowned self] in
            if self.monitor.receive().contains(where: \.isAboutLinks) { self.look() }
        }
    }

    package func stop() { reactor.unwatch(monitor.fd) }

    private func look() {
        do throws(SystemError) {
            let link = try netlink.link(named: name)
            let present = link.map { Standing(index: $0.index, isUp: $0.isUp) }
            let last = standing
            guard present != last else { return }
            standing = present
            // One that is set down keeps its IPv4 addresses, and is told of when it is set up.
            if let present, !present.isUp, present.index == last?.index { return }
            logger.info("\(name) is \(link == nil ? "gone" : "there again")")
            changed(link)
        } catch {
            logger.error("\(error)")
        }
    }
}

extension NetworkEvent {
    var isAboutLinks: Bool {
        switch self {
        case .link, .linkRemoved, .overflow: true
        case .address, .addressRemoved, .route, .routeRemoved, .setting: false
        }
    }
}
