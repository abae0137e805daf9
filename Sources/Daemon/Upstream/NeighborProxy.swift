// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Wire

/// The ``NeighborResponder`` on the anchor's upstream link. Belongs to the control plane's thread.
package final class NeighborProxy {
    private let sockets: [NeighborSocket]
    private let reactor: Reactor
    private let logger: Logger
    private var responder: NeighborResponder

    /// Throws `ENODEV` if there is no such link, and `EMEDIUMTYPE` if it knows no link-layer addresses.
    package init(device: String, on reactor: Reactor, logger: Logger) throws(SystemError) {
        guard let link = try NetlinkSocket().link(named: device) else {
            throw SystemError(call: "lookup", errno: 19, subject: "link \(device)")
        }
        guard let address = link.linkLayerAddress else {
            throw SystemError(call: "neighbour proxy", errno: 124, subject: "link \(device)")
        }
        self.reactor = reactor
        self.logger = logger
        responder = NeighborResponder(linkLayerAddress: address)
        sockets = [try NeighborSocket(.ipv4, device: device), try NeighborSocket(.ipv6, device: device)]
    }

    package func start() throws(SystemError) {
        for socket in sockets {
            try reactor.watch(socket.fd) { [unowned self, unowned socket] in
                for frame in socket.receive() { self.answer(frame, by: socket) }
            }
        }
    }

    package func stop() {
        for socket in sockets { reactor.unwatch(socket.fd) }
    }

    /// From now on we answer for these addresses.
    package func add(_ prefix: IPPrefix) { responder.add(prefix) }
    package func remove(_ prefix: IPPrefix) { responder.remove(prefix) }

    private func answer(_ frame: [UInt8], by socket: NeighborSocket) {
        guard let answer = responder.answer(to: frame, at: SystemClock.now()) else { return }
        do throws(SystemError) {
            try socket.send(answer)
        } catch {
            // Whoever asked asks again.
            logger.debug("\(error)")
        }
    }
}
