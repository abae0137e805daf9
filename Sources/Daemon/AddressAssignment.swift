// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// DHCP on the gateway's LAN. Belongs to the control plane's thread.
package final class AddressAssignment {
    private let socket: DHCPSocket
    /// Asks who has an address.
    private let neighbors: NeighborSocket
    private let linkLayerAddress: LinkLayerAddress
    private let reactor: Reactor
    private let logger: Logger
    private var server: DHCPServer
    private var alarm: Alarm?

    /// Throws `EADDRINUSE` if another server is on the link.
    package init(
        _ server: DHCPServer,
        device: String,
        linkLayerAddress: LinkLayerAddress,
        on reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.server = server
        self.linkLayerAddress = linkLayerAddress
        self.reactor = reactor
        self.logger = logger
        socket = try DHCPSocket(device: device)
        neighbors = try NeighborSocket(.ipv4Answers, device: device)
    }

    /// Throws `EADDRINUSE` if the link has another server already, `EMEDIUMTYPE` if it knows no link-layer addresses.
    static func requirePossible(on link: LinkState) throws(SystemError) {
        guard link.linkLayerAddress != nil else {
            throw SystemError(call: "dhcp", errno: 124, subject: "link \(link.name)")
        }
        _ = try DHCPSocket(device: link.name)
    }

    package func start() throws(SystemError) {
        try reactor.watch(socket.fd) { [unowned self] in
            for message in self.socket.receive() { self.turn(.received(message)) }
        }
        try reactor.watch(neighbors.fd) { [unowned self] in
            for frame in self.neighbors.receive() { self.heard(frame) }
        }
        alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) }
    }

    /// Who has an address of ours.
    var hosts: [DHCPServer.Host] { server.hosts }

    /// What hosts are given addresses from, and how large their packets may be.
    package func serve(_ network: DHCPServer.Network?, mtu: Int) { turn(.networkChanged(network, mtu: mtu)) }

    package func stop() {
        alarm?.cancel()
        alarm = nil
        reactor.unwatch(socket.fd)
        reactor.unwatch(neighbors.fd)
    }

    private func heard(_ octets: [UInt8]) {
        guard let frame = try? EthernetFrame(decoding: octets), let packet = try? ARPPacket(decoding: frame.payload)
        else { return }
        turn(.addressInUse(packet.sender, by: packet.senderLink))
    }

    private func turn(_ event: DHCPServer.Event) {
        for action in server.handle(event, at: SystemClock.now()) {
            do throws(SystemError) {
                switch action {
                case .send(let octets, let address): try socket.send(octets, to: address)
                case .probe(let address): try neighbors.send(probe(address))
                }
            } catch {
                // Clients ask again.
                logger.debug("\(error)")
            }
        }
        alarm?.set(at: server.nextDeadline)
    }

    /// RFC 5227 §2.1.1: from nobody, so that nobody takes it for a claim.
    private func probe(_ address: IPv4Address) -> [UInt8] {
        let packet = ARPPacket(
            .request,
            senderLink: linkLayerAddress,
            sender: .zero,
            targetLink: linkLayerAddress,
            target: address
        )
        return EthernetFrame(
            destination: .broadcast,
            source: linkLayerAddress,
            kind: .arp,
            payload: packet.octets
        ).octets
    }
}
