// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// What the machine has to do so that packets of the tunnels leave by the right link, with the right router, and those that
/// come back are not refused. Belongs to the control plane's thread.
package final class WANPreparation {
    /// An access network as it stands.
    package struct WAN {
        let network: AccessNetwork
        let link: LinkState?
        let state: WANState

        package init(network: AccessNetwork, link: LinkState?, state: WANState) {
            self.network = network
            self.link = link
            self.state = state
        }
    }

    private let routes: WANRoutes
    private let settings: KernelSettings
    private let netlink: NetlinkSocket
    private let logger: Logger
    /// What was logged already.
    private var complaints: Set<String> = []
    /// Packets of the site may leave without a tunnel.
    package var hasExits = false
    /// Told by which access networks packets of which families can leave so, by their numbers.
    package var exitsFound: ([UInt8: Set<AddressFamily>]) -> Void = { _ in }

    package init(tunnel: InterfaceIndex, settings: KernelSettings, logger: Logger) throws(SystemError) {
        netlink = try NetlinkSocket()
        routes = WANRoutes(tunnel: tunnel, netlink: netlink, logger: logger)
        self.settings = settings
        self.logger = logger
    }

    package func settle(_ wans: [WAN]) {
        for wan in wans where wan.network.family == .ipv6 {
            if let link = wan.link { acceptAdvertisements(link) }
        }
        var routers: [String: IPAddress] = [:]
        var wanted: [WANRoutes.Wanted] = []
        for wan in wans {
            guard case .up(let careOf) = wan.state, let link = wan.link else { continue }
            attempt { () throws(SystemError) in
                let way = try self.routes.way(of: wan.network, over: link)
                routers[wan.network.name] = way.router
                let complaint = "\(wan.network.name): no router is known on \(link.name)"
                if way == .none { self.complain(complaint) } else { self.complaints.remove(complaint) }
                if case .found(let route) = way { wanted.append(WANRoutes.Wanted(careOf: careOf, route: route)) }
            }
        }
        var exits: [UInt8: Set<AddressFamily>] = [:]
        for wan in wans where hasExits {
            let routes = self.exits(of: wan)
            wanted += routes.map { WANRoutes.Wanted(mark: NetworkExit.mark(of: wan.network.number), route: $0) }
            exits[wan.network.number] = Set(routes.map { $0.prefix.isIPv4 ? .ipv4 : .ipv6 })
        }
        routes.settle(wanted)
        if hasExits { exitsFound(exits) }
        for wan in wans where wan.network.family == .ipv4 {
            guard case .up(let careOf) = wan.state, let link = wan.link else { continue }
            acceptFrom(wan.network.anchors + [routers[wan.network.name]].compactMap(\.self), to: careOf, on: link)
        }
    }

    /// The ways of packets without a tunnel, whatever family the tunnel has: one for each that the link has an address of.
    private func exits(of wan: WAN) -> [Route] {
        guard let link = wan.link, link.isUp, link.isRunning else { return [] }
        var ways: [Route] = []
        attempt { () throws(SystemError) in
            let addresses = try self.netlink.addresses(on: link.index)
            for family in [AddressFamily.ipv4, .ipv6] {
                let own = CareOfAddress.choose(from: addresses, of: family, towards: nil, present: nil)
                var network = wan.network
                network.family = family
                guard own != nil, let way = try self.routes.exit(by: network, over: link) else { continue }
                ways.append(way)
                if family == .ipv4 { try self.acceptReturning(on: link) }
            }
        }
        return ways
    }

    /// What comes back past the anchor is for hosts whose own packets go into the tunnel: strictly filtered, nothing would.
    private func acceptReturning(on link: LinkState) throws(SystemError) {
        guard let here = KernelSetting.ipv4("rp_filter", on: link.name), filters(strictly: here) else { return }
        try settings.set("2", to: here, because: "answers to what leaves past the anchor would be refused")
    }

    /// The greater of the two counts.
    private func filters(strictly here: KernelSetting) -> Bool {
        let everywhere = KernelSetting.ipv4("rp_filter", on: "all")
        return [everywhere, here].compactMap { $0.flatMap { try? Sysctl.read($0) } }.max() == "1"
    }

    /// At the end. The settings are put back by who owns them.
    package func stop() { routes.settle([]) }

    /// A machine that forwards takes no router advertisements unless told so (`accept_ra`), and without them it would lose
    /// address and router of the link.
    private func acceptAdvertisements(_ link: LinkState) {
        guard let acceptance = KernelSetting.ipv6("accept_ra", on: link.name),
            let forwarding = KernelSetting.ipv6("forwarding", on: link.name),
            let isForwarding = try? Sysctl.read(forwarding), isForwarding != "0",
            // Zero: somebody else attends to them, or nobody shall.
            (try? Sysctl.read(acceptance)) == "1"
        else { return }
        attempt { () throws(SystemError) in
            try self.settings.set(
                "2",
                to: acceptance,
                because: "a machine that forwards takes router advertisements only so"
            )
            // The last advertisement was passed over, and the next may be half an hour away (RFC 4861 §6.2.1).
            self.solicit(link)
        }
    }

    /// Fails where the link is not ready: then the kernel itself will ask when it is.
    private func solicit(_ link: LinkState) {
        do throws(SystemError) {
            try AccessLinkSocket(device: link.name).send(RouterSolicitation().octets, to: .allRouters)
        } catch {
            logger.debug("\(error)")
        }
    }

    /// Where the kernel would drop what comes from the anchor, since its answer would leave by another link, the strict
    /// filter is made a loose one (RFC 3704 §2.4).
    private func acceptFrom(_ sources: [IPAddress], to careOf: IPAddress, on link: LinkState) {
        guard let here = KernelSetting.ipv4("rp_filter", on: link.name), filters(strictly: here) else { return }
        attempt { () throws(SystemError) in
            for source in sources where try !self.netlink.accepts(from: source, to: careOf, by: link.index) {
                let reason = "packets from \(source) would be answered by another link and hence be refused"
                return try self.settings.set("2", to: here, because: reason)
            }
        }
    }

    private func attempt(_ change: () throws(SystemError) -> Void) {
        do throws(SystemError) { try change() } catch { complain("\(error)") }
    }

    private func complain(_ complaint: String) {
        if complaints.insert(complaint).inserted { logger.warning("\(complaint)") }
    }
}
