// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// All LANs of the site: what each hears of the gateway, and when it is another link. Belongs to the control plane's thread.
final class SiteLinks {
    private final class Site {
        /// Counted from 0.
        let number: Int
        let configuration: LANConfiguration
        let lan: SiteLAN
        var access: AccessLink?
        var monitor: LANMonitor?
        /// What hosts were told to number themselves from.
        var told: [IPPrefix: IPAddress] = [:]
        var tooSmall: IPPrefix?

        init(_ number: Int, _ configuration: LANConfiguration, _ lan: SiteLAN, _ access: AccessLink) {
            self.number = number
            self.configuration = configuration
            self.lan = lan
            self.access = access
        }
    }

    private let network: GatewayNetwork
    private let reactor: Reactor
    private let logger: Logger
    private let sites: [Site]
    /// nil: no LAN has routers that get prefixes.
    private let delegation: PrefixDelegation?
    /// nil: no LAN has routers that get prefixes of the anchor.
    private let relay: DelegationRelay?
    /// What an earlier life has delegated.
    private let delegated: [PrefixLease]
    /// At the start.
    private let links: [LinkState]
    /// nil until the worker has a path: advertising a guess first would hold up the true value by the three seconds that
    /// must lie between advertisements.
    private var tunnelMTU: Int?
    /// Called when a link is another one, or gone.
    var changed: () -> Void = {}
    /// Called with all that the anchor has promised to routers, when it changes.
    var named: ([IPPrefix]) -> Void = { _ in }

    /// `network` has the same LANs; `node` is the logical one.
    init(
        _ configurations: [LANConfiguration],
        on links: [LinkState],
        of network: GatewayNetwork,
        _ node: String?,
        tunnel: (name: String, index: InterfaceIndex),
        _ routes: DelegatedRoutes,
        _ delegated: [PrefixLease],
        _ reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.network = network
        self.reactor = reactor
        self.logger = logger
        var sites: [Site] = []
        for ((configuration, lan), link) in zip(zip(configurations, network.lans), links) {
            let access = try AccessLink(configuration, on: link, reactor, logger)
            sites.append(Site(sites.count, configuration, lan, access))
        }
        self.sites = sites
        self.delegated = delegated
        self.links = links
        delegation = PrefixDelegationServer(configurations, on: links).map {
            PrefixDelegation($0, routes, on: reactor, logger: logger)
        }
        let relayed = configurations.indices.filter { configurations[$0].delegate?.router == .anchor }
        if let node, !relayed.isEmpty {
            relay = DelegationRelay(
                PrefixDelegationRelay(of: NodeIdentifier(nai: node), links: Set(relayed)),
                routes,
                tunnel: tunnel,
                netlink: try NetlinkSocket(),
                on: reactor,
                logger: logger
            )
        } else {
            relay = nil
        }
    }

    func start() throws(SystemError) {
        delegation?.start(delegated)
        relay?.named = { [unowned self] in self.named($0) }
        relay?.start(delegated)
        for (site, link) in zip(sites, links) {
            try site.access?.start()
            try delegation?.open(site.number, link)
            try relay?.open(site.number, link)
            let monitor = try LANMonitor(site.configuration.interface, on: reactor, logger: logger)
            site.monitor = monitor
            try monitor.start { [unowned self] link in
                self.replace(site, by: link)
                self.changed()
            }
        }
    }

    func stopFollowing() {
        for site in sites { site.monitor?.stop() }
    }

    func stop() {
        delegation?.stop()
        relay?.stop()
        for site in sites { site.access?.stop() }
    }

    /// nil where the anchor delegates nothing.
    var relayCounters: PrefixDelegationRelay.Counters? { relay?.counters }

    /// Who has an address by DHCP on any of them.
    var hosts: [DHCPServer.Host] { sites.flatMap { $0.access?.hosts ?? [] } }

    /// How large packets may be.
    func tell(tunnelMTU: Int) {
        self.tunnelMTU = tunnelMTU
        for site in sites { tell(site) }
    }

    /// Tells hosts and routers what has changed, and whether anything has for hosts.
    func settle(_ session: PrefixDelegationRelay.Session?) -> Bool {
        delegation?.serve(network.delegationPool)
        if let session { relay?.serve(session) }
        var hasChanged = false
        for site in sites {
            if site.lan.tooSmall != site.tooSmall { remark(site) }
            guard site.lan.held != site.told else { continue }
            site.told = site.lan.held
            tell(site)
            hasChanged = true
        }
        return hasChanged
    }

    private func tell(_ site: Site) {
        site.access?.assign(site.lan.assignedNetwork, mtu: tunnelMTU ?? 0)
        if let tunnelMTU { site.access?.advertise(site.lan.advertisedPrefix, mtu: tunnelMTU) }
    }

    private func remark(_ site: Site) {
        site.tooSmall = site.lan.tooSmall
        guard let prefix = site.tooSmall else { return }
        logger.warning(
            "\(site.configuration.interface): \(prefix) has no /64 with the number \(site.lan.plan.subnet): no IPv6 for its hosts"
        )
    }

    /// The link has gone, or come back as a new one: nothing of ours is on it.
    private func replace(_ site: Site, by link: LinkState?) {
        site.access?.stop()
        site.access = nil
        delegation?.close(site.number)
        relay?.close(site.number)
        do throws(SystemError) {
            if let link { site.access = try AccessLink(site.configuration, on: link, reactor, logger) }
            try site.access?.start()
            if let link { try delegation?.open(site.number, link) }
            if let link { try relay?.open(site.number, link) }
        } catch {
            logger.error("\(error)")
        }
        network.linkChanged(of: site.lan, to: link?.index)
        // Hosts may have been away as well: all is said anew.
        site.told = [:]
    }
}

extension PrefixDelegationServer {
    /// nil where the gateway delegates prefixes on none of the LANs. The first one's address names the server on all.
    fileprivate init?(_ configurations: [LANConfiguration], on links: [LinkState]) {
        var settings: [Int: PrefixDelegationSettings] = [:]
        var address: LinkLayerAddress?
        for (number, (lan, link)) in zip(configurations, links).enumerated() {
            guard let delegation = lan.delegate, delegation.router == .gateway else { continue }
            settings[number] = PrefixDelegationSettings(delegation, lan)
            address = address ?? link.linkLayerAddress
        }
        guard let address else { return nil }
        self.init(identifier: DHCPUniqueIdentifier(address), settings: settings)
    }
}

extension AccessLink {
    fileprivate convenience init(
        _ lan: LANConfiguration,
        on link: LinkState,
        _ reactor: Reactor,
        _ logger: Logger
    ) throws(SystemError) {
        var advertiser: RouterAdvertiser?
        if lan.families.contains(.ipv6) {
            advertiser = RouterAdvertiser(
                settings: RouterAdvertiserSettings(
                    lan,
                    linkLayerAddress: link.linkLayerAddress,
                    seed: .random(in: .min ... .max)
                )
            )
        }
        var assignment: AddressAssignment?
        if let dhcp = lan.dhcp, let linkLayerAddress = link.linkLayerAddress {
            assignment = try AddressAssignment(
                DHCPServer(settings: DHCPServerSettings(dhcp, lan)),
                device: link.name,
                linkLayerAddress: linkLayerAddress,
                on: reactor,
                logger: logger
            )
        }
        try self.init(advertiser, assignment, device: link.name, on: reactor, logger: logger)
    }
}
