// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// All LANs of the site: what each hears of the gateway, and when it is another link. Belongs to the control plane's thread.
final class SiteLinks {
    private final class Site {
        let configuration: LANConfiguration
        let lan: SiteLAN
        var access: AccessLink?
        var monitor: LANMonitor?
        /// What hosts were told to number themselves from.
        var told: [IPPrefix: IPAddress] = [:]
        var tooSmall: IPPrefix?

        init(_ configuration: LANConfiguration, _ lan: SiteLAN, _ access: AccessLink) {
            self.configuration = configuration
            self.lan = lan
            self.access = access
        }
    }

    private let network: GatewayNetwork
    private let reactor: Reactor
    private let logger: Logger
    private let sites: [Site]
    /// nil until the worker has a path: advertising a guess first would hold up the true value by the three seconds that
    /// must lie between advertisements.
    private var tunnelMTU: Int?
    /// Called when a link is another one, or gone.
    var changed: () -> Void = {}

    /// `network` has the same LANs.
    init(
        _ configurations: [LANConfiguration],
        on links: [LinkState],
        of network: GatewayNetwork,
        _ reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.network = network
        self.reactor = reactor
        self.logger = logger
        var sites: [Site] = []
        for ((configuration, lan), link) in zip(zip(configurations, network.lans), links) {
            sites.append(Site(configuration, lan, try AccessLink(configuration, on: link, reactor, logger)))
        }
        self.sites = sites
    }

    func start() throws(SystemError) {
        for site in sites {
            try site.access?.start()
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
        for site in sites { site.access?.stop() }
    }

    /// How large packets may be.
    func tell(tunnelMTU: Int) {
        self.tunnelMTU = tunnelMTU
        for site in sites { tell(site) }
    }

    /// Tells hosts what has changed, and whether anything has.
    func settle() -> Bool {
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
        do throws(SystemError) {
            if let link { site.access = try AccessLink(site.configuration, on: link, reactor, logger) }
            try site.access?.start()
        } catch {
            logger.error("\(error)")
        }
        network.linkChanged(of: site.lan, to: link?.index)
        // Hosts may have been away as well: all is said anew.
        site.told = [:]
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
