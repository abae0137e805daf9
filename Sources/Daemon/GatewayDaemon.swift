// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
package import Logging
import Mobility
import Wire

/// `plait mag run`: a Mobile Access Gateway until it is told to stop.
package struct GatewayDaemon {
    private let configuration: GatewayConfiguration
    private let file: String
    private let logger: Logger

    /// `file` is where the configuration stands, for errors.
    package init(_ configuration: GatewayConfiguration, file: String, logger: Logger) {
        self.configuration = configuration
        self.file = file
        self.logger = logger
    }

    /// Returns after SIGTERM or SIGINT with the node de-registered and everything of ours removed; throws what keeps it
    /// from starting.
    package func run() async throws {
        try Capabilities.requireNetAdmin()
        let journal = try Journal.open(
            beside: configuration.managementSocket,
            file: file,
            keyPath: "mag.management.socket"
        )
        let settings = KernelSettings(journal, logger: logger)
        defer {
            settings.restoreAll()
            journal.close(logger: logger)
        }
        let store = try configuration.store.start(
            newCounter: EngineRunner<MobileAccessGateway>.now.restartCounter,
            file: file,
            keyPath: "mag.store",
            logger: logger
        )
        let netlink = try NetlinkSocket()
        try LentAddresses.removeLeftovers(of: journal, netlink, logger: logger)
        // Before our own tunnel device is there: theirs are gone.
        try WANRoutes.removeLeftovers(netlink, logger: logger)
        try NodeRoutes.removeLeftovers(netlink, logger: logger)
        try BorrowedLink.removeLeftovers(of: journal, netlink, logger: logger)
        try requireAccessLinks()
        let lans = try configuration.lans.map { try existingLink($0) }
        let delegated = try DelegatedRoutes.removeLeftovers(
            of: journal,
            lans: configuration.lans.map(\.interface),
            netlink
        )
        let tun = try ConfigurationError.blaming("mag.tunnel-device", in: file) { () throws(SystemError) in
            try TUNDevice(name: configuration.tunnelDevice)
        }
        let planes = try DaemonPlanes(role: .gateway, tun: tun, logger: logger)
        let control = try GatewayControlPlane(
            configuration,
            store: store,
            worker: planes.worker,
            tunnel: planes.tunnel,
            lans: lans,
            delegated: delegated,
            on: planes.controlReactor,
            settings: settings,
            journal: journal,
            logger: logger
        )
        try await planes.run(
            status: control,
            managementSocket: configuration.managementSocket,
            handle: { events in
                control.reactor.post { control.assumeIsolated { $0.handle(events) } }
            },
            start: { [file] in
                do {
                    try await control.start()
                } catch let error as FilterFailure {
                    throw ConfigurationError(error, file: file, keyPath: "mag.firewall")
                }
            },
            stop: { await control.stop() }
        )
    }

    private func requireAccessLinks() throws(ConfigurationError) {
        for link in configuration.accessLinks {
            let keyPath = "\(link.keyPath).interface"
            try ConfigurationError.blaming(keyPath, in: file) { () throws(SystemError) in
                _ = try NetlinkSocket().existingLink(link.interface)
            }
            if link.relay != nil {
                try ConfigurationError.blaming("\(link.keyPath).dhcp-relay", in: file) { () throws(SystemError) in
                    _ = try DHCPRelaySocket()
                }
            }
        }
        guard !configuration.accessLinks.isEmpty else { return }
        do throws(FilterFailure) {
            try NodeRoutes.requirePossible(tunnelDevice: configuration.tunnelDevice)
        } catch {
            throw ConfigurationError(error, file: file, keyPath: "mag.access")
        }
    }

    private func existingLink(_ lan: LANConfiguration) throws(ConfigurationError) -> LinkState {
        let link = try ConfigurationError.blaming("\(lan.keyPath).interface", in: file) { () throws(SystemError) in
            try NetlinkSocket().existingLink(lan.interface)
        }
        if lan.dhcp != nil {
            try ConfigurationError.blaming("\(lan.keyPath).dhcp", in: file) { () throws(SystemError) in
                try AddressAssignment.requirePossible(on: link)
            }
        }
        if lan.delegate != nil {
            try ConfigurationError.blaming("\(lan.keyPath).delegate", in: file) { () throws(SystemError) in
                try PrefixDelegation.requirePossible(on: link)
            }
        }
        return link
    }
}

extension NetlinkSocket {
    fileprivate func existingLink(_ name: String) throws(SystemError) -> LinkState {
        // ENODEV
        guard let link = try link(named: name) else {
            throw SystemError(call: "lookup", errno: 19, subject: "link \(name)")
        }
        return link
    }
}
