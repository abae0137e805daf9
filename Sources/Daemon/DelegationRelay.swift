// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// The DHCPv6 relay agent between routers on the gateway's LANs and the anchor, inside the tunnel (RFC 7148 §3.2.2). It
/// speaks as the first address of the home network, which is its routers' by nature (RFC 4291 §2.6.1) and the gateway's
/// therefore, and which the tunnel device holds meanwhile. Belongs to the control plane's thread.
final class DelegationRelay {
    private let routes: DelegatedRoutes
    private let tunnel: (name: String, index: InterfaceIndex)
    private let netlink: NetlinkSocket
    private let reactor: Reactor
    private let logger: Logger
    private let links: DHCPv6Links
    private var relay: PrefixDelegationRelay
    private var alarm: Alarm?
    private var home: (address: IPv6Address, socket: DHCPv6RelaySocket)?
    /// An action may bring about the next event, whose turn comes when this one's actions are done.
    private var waiting: [PrefixDelegationRelay.Event] = []
    private var isTurning = false
    private var told: PrefixDelegationRelay.Session?
    /// Updates name these for routers from now on.
    var named: ([IPPrefix]) -> Void = { _ in }

    init(
        _ relay: PrefixDelegationRelay,
        _ routes: DelegatedRoutes,
        tunnel: (name: String, index: InterfaceIndex),
        netlink: NetlinkSocket,
        on reactor: Reactor,
        logger: Logger
    ) {
        self.relay = relay
        self.routes = routes
        self.tunnel = tunnel
        self.netlink = netlink
        self.reactor = reactor
        self.logger = logger
        links = DHCPv6Links(on: reactor, logger: logger)
        links.heard = { [unowned self] message, number in
            self.turn(.received(message.octets, from: message.source, isUnicast: message.isUnicast, link: number))
        }
    }

    var counters: PrefixDelegationRelay.Counters { relay.counters }

    /// `restored`: what routers have from an earlier life.
    func start(_ restored: [PrefixLease]) {
        alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) }
        for action in relay.restore(restored, at: SystemClock.now()) { perform(action) }
        alarm?.set(at: relay.nextDeadline)
    }

    /// Serves one of the LANs, by its number, unless its routers ask somebody else.
    func open(_ number: Int, _ link: LinkState) throws(SystemError) {
        guard relay.links.contains(number) else { return }
        try links.open(number, link)
        turn(.linkRenewed(number))
    }

    /// The link is gone.
    func close(_ number: Int) { links.close(number) }

    func serve(_ session: PrefixDelegationRelay.Session) {
        guard session != told else { return }
        told = session
        settle(session.homeNetworkPrefix)
        turn(.sessionChanged(session))
    }

    func stop() {
        serve(PrefixDelegationRelay.Session())
        alarm?.cancel()
        alarm = nil
        links.closeAll()
    }

    private func settle(_ prefix: IPPrefix?) {
        var wanted: IPv6Address?
        if case .v6(let address)? = prefix?.address { wanted = address }
        guard wanted != home?.address else { return }
        if let (address, socket) = home {
            home = nil
            reactor.unwatch(socket.fd)
            logger.attempt { () throws(SystemError) in
                try self.netlink.removeAddress(.v6(address), prefixLength: 128, on: self.tunnel.index)
            }
        }
        guard let wanted else { return }
        logger.attempt { () throws(SystemError) in
            try self.netlink.addAddress(
                .v6(wanted),
                prefixLength: 128,
                on: self.tunnel.index,
                detectsDuplicates: false
            )
            let socket = try DHCPv6RelaySocket(device: self.tunnel.name, address: wanted)
            try self.reactor.watch(socket.fd) { [unowned self] in
                for message in socket.receive() { self.turn(.answered(message.octets, from: message.source)) }
            }
            self.home = (wanted, socket)
        }
    }

    private func turn(_ event: PrefixDelegationRelay.Event) {
        waiting.append(event)
        guard !isTurning else { return }
        isTurning = true
        while !waiting.isEmpty {
            for action in relay.handle(waiting.removeFirst(), at: SystemClock.now()) { perform(action) }
        }
        isTurning = false
        alarm?.set(at: relay.nextDeadline)
    }

    private func perform(_ action: PrefixDelegationRelay.Action) {
        switch action {
        case .relay(let octets, let anchor):
            do throws(SystemError) {
                try home?.socket.send(octets, to: anchor)
            } catch {
                // Clients ask again.
                logger.debug("\(error)")
            }
        case .send(let octets, let address, let number): links.send(octets, to: address, on: number)
        case .name(let prefixes): named(prefixes)
        case .begin(let lease): if let link = links[lease.holder.link] { routes.add(lease, by: link) }
        case .end(let lease): routes.remove(lease)
        }
    }
}
