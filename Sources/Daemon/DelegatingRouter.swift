// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// DHCPv6 at the anchor, for the relay agents of gateways: hears what comes out of the tunnels alone. Belongs to the control
/// plane's thread.
final class DelegatingRouter {
    private let reactor: Reactor
    private let socket: DHCPv6RelaySocket
    private let logger: Logger

    /// `answer`: to what such a source has sent; nil if nothing is to be said.
    init(
        at address: IPv6Address,
        tunnelDevice: String,
        on reactor: Reactor,
        logger: Logger,
        answer: @escaping ([UInt8], IPv6Address) -> [UInt8]?
    ) throws(SystemError) {
        self.reactor = reactor
        self.logger = logger
        let socket = try DHCPv6RelaySocket(device: tunnelDevice, address: address)
        self.socket = socket
        try reactor.watch(socket.fd) { [unowned self] in
            for message in socket.receive() {
                if let reply = answer(message.octets, message.source) { self.send(reply, to: message.source) }
            }
        }
    }

    func stop() { reactor.unwatch(socket.fd) }

    private func send(_ octets: [UInt8], to address: IPv6Address) {
        do throws(SystemError) {
            try socket.send(octets, to: address)
        } catch {
            // Clients ask again.
            logger.debug("\(error)")
        }
    }
}
