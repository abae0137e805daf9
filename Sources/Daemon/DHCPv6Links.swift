// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Wire

/// The LANs on which DHCPv6 clients are heard, by number. Belongs to the control plane's thread.
final class DHCPv6Links {
    private let reactor: Reactor
    private let logger: Logger
    private var links: [Int: (state: LinkState, socket: DHCPv6Socket)] = [:]
    /// Called with each message and the number of its LAN.
    var heard: (DHCPv6Socket.Message, Int) -> Void = { _, _ in }

    init(on reactor: Reactor, logger: Logger) {
        self.reactor = reactor
        self.logger = logger
    }

    subscript(number: Int) -> LinkState? { links[number]?.state }

    func open(_ number: Int, _ link: LinkState) throws(SystemError) {
        close(number)
        let socket = try DHCPv6Socket(device: link.name)
        try reactor.watch(socket.fd) { [unowned self] in
            for message in socket.receive() { self.heard(message, number) }
        }
        links[number] = (link, socket)
    }

    func close(_ number: Int) {
        guard let link = links.removeValue(forKey: number) else { return }
        reactor.unwatch(link.socket.fd)
    }

    func closeAll() {
        for number in Array(links.keys) { close(number) }
    }

    func send(_ octets: [UInt8], to address: IPv6Address, on number: Int) {
        do throws(SystemError) {
            try links[number]?.socket.send(octets, to: address)
        } catch {
            // Clients ask again.
            logger.debug("\(error)")
        }
    }
}
