// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
import Wire

/// DHCPv6 on the gateway's LANs, for routers behind it. Belongs to the control plane's thread.
package final class PrefixDelegation {
    private let routes: DelegatedRoutes
    private let reactor: Reactor
    private let logger: Logger
    private var server: PrefixDelegationServer
    private let links: DHCPv6Links
    private var alarm: Alarm?
    private var pool: PrefixDelegationPool?

    package init(_ server: PrefixDelegationServer, _ routes: DelegatedRoutes, on reactor: Reactor, logger: Logger) {
        self.server = server
        self.routes = routes
        self.reactor = reactor
        self.logger = logger
        links = DHCPv6Links(on: reactor, logger: logger)
        links.heard = { [unowned self] message, number in
            self.turn(.received(message.octets, from: message.source, isUnicast: message.isUnicast, link: number))
        }
    }

    /// Throws `EADDRINUSE` if the link has another server already, `EMEDIUMTYPE` if it knows no link-layer addresses.
    static func requirePossible(on link: LinkState) throws(SystemError) {
        guard link.linkLayerAddress != nil else {
            throw SystemError(call: "dhcpv6", errno: 124, subject: "link \(link.name)")
        }
        _ = try DHCPv6Socket(device: link.name)
    }

    /// `restored`: what an earlier life has delegated.
    package func start(_ restored: [PrefixLease]) {
        server.restore(restored, at: SystemClock.now())
        alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) }
    }

    /// Serves one of the LANs, by its number, unless nothing is delegated there.
    package func open(_ number: Int, _ link: LinkState) throws(SystemError) {
        guard server.settings[number] != nil else { return }
        try links.open(number, link)
        turn(.linkRenewed(number))
    }

    /// The link is gone.
    package func close(_ number: Int) { links.close(number) }

    package func serve(_ pool: PrefixDelegationPool?) {
        guard pool != self.pool else { return }
        self.pool = pool
        if let prefix = pool?.prefix {
            let lengths = server.settings.values.map(\.length)
            for length in Set(lengths).sorted() where length <= prefix.length {
                logger.warning("\(prefix) has no /\(length) for routers behind the gateway")
            }
        }
        turn(.poolChanged(pool))
    }

    package func stop() {
        turn(.poolChanged(nil))
        alarm?.cancel()
        alarm = nil
        links.closeAll()
    }

    private func turn(_ event: PrefixDelegationServer.Event) {
        for action in server.handle(event, at: SystemClock.now()) {
            switch action {
            case .begin(let lease):
                if let link = links[lease.holder.link] { routes.add(lease, by: link) }
            case .end(let lease): routes.remove(lease)
            case .send(let octets, let address, let number): links.send(octets, to: address, on: number)
            }
        }
        alarm?.set(at: server.nextDeadline)
    }
}
