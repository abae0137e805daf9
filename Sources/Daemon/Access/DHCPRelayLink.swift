// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Wire

/// The way between the access links' relay agents and DHCP servers. Belongs to the control plane's thread.
package final class DHCPRelayLink {
    private let socket: DHCPRelaySocket
    private let reactor: Reactor
    private let logger: Logger
    /// An operator has been told that messages cannot be sent.
    private var isKnownToFail = false
    /// Called for each message that arrives, with its sender.
    package var heard: ([UInt8], IPv4Address) -> Void = { _, _ in }

    /// Throws `EADDRINUSE` if a DHCP server runs on this machine.
    package init(on reactor: Reactor, logger: Logger) throws(SystemError) {
        socket = try DHCPRelaySocket()
        self.reactor = reactor
        self.logger = logger
    }

    package func start() throws(SystemError) {
        try reactor.watch(socket.fd) { [unowned self] in
            for message in self.socket.receive() { self.heard(message.octets, message.source) }
        }
    }

    package func stop() { reactor.unwatch(socket.fd) }

    /// Without a relay address it gets the one by which the server is reached now, that of an access network.
    package func send(_ message: DHCPMessage, to server: IPv4Address) {
        do throws(SystemError) {
            var message = message
            if message.relayAddress.isUnspecified {
                message.relayAddress = try DHCPRelaySocket.source(towards: server)
            }
            try socket.send(message.octets, from: message.relayAddress, to: server)
            isKnownToFail = false
        } catch {
            // Clients ask again and again.
            logger.log(level: isKnownToFail ? .debug : .error, "\(error)")
            isKnownToFail = true
        }
    }
}
