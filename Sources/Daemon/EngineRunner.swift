// SPDX-License-Identifier: Apache-2.0
package import Forwarding
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// Runs an engine on a reactor: hands it what arrives and when time has come, and has its actions performed.
///
/// The unit is the turn: one event, handled whole, its actions performed in their order before the next. Belongs to
/// the control plane's thread.
package final class EngineRunner<E: Engine> {
    package private(set) var engine: E
    /// Messages that the kernel refused to send.
    package private(set) var unsendable = 0
    /// Called at the end of every turn, whatever brought it about.
    package var turned: () -> Void = {}
    private let reactor: Reactor
    private let logger: Logger
    private let perform: (Action) -> Void
    private var alarm: Alarm?
    private var sockets: [IPAddress: SignalingSocket] = [:]

    /// `perform` does what is neither sending nor logging.
    package init(_ engine: E, on reactor: Reactor, logger: Logger, perform: @escaping (Action) -> Void) {
        self.engine = engine
        self.reactor = reactor
        self.logger = logger
        self.perform = perform
    }

    package static var now: Moment { Moment(instant: SystemClock.now(), timestamp: SystemClock.timestamp()) }

    /// Signals from and to an own address: directly behind IPv6, or on UDP over IPv4 (RFC 5844 §4.1).
    package func open(_ address: IPAddress, on device: String? = nil) throws(SystemError) {
        close(address)
        let kind: SignalingSocket.Kind = address.isIPv4 ? .udp(port: MobilityPort.control) : .mobilityHeader
        let socket = try SignalingSocket(kind, boundTo: address, device: device)
        try reactor.watch(socket.fd) { [unowned self, unowned socket] in
            for message in socket.receive() { self.turn(.received(Datagram(message, on: socket.kind))) }
        }
        sockets[address] = socket
    }

    package func close(_ address: IPAddress) {
        guard let socket = sockets.removeValue(forKey: address) else { return }
        reactor.unwatch(socket.fd)
    }

    /// The engine is run no more: neither by messages nor by time.
    package func stop() {
        for address in Array(sockets.keys) { close(address) }
        alarm?.cancel()
        alarm = nil
    }

    package func turn(_ event: E.Event) { turn(event, remark: nil) }

    /// The data plane says this of a path.
    package func turn(_ path: PathIdentifier, is condition: Forwarding.PathCondition, because reason: SilenceReason?) {
        turn(.pathCondition(path, Mobility.PathCondition(condition)), remark: reason.map { "\($0.text)" })
    }

    private func turn(_ event: E.Event, remark: String?) {
        for action in engine.handle(event, at: Self.now) {
            switch action {
            case .send(let datagram): send(datagram)
            case .report(let notice):
                if case .pathChanged = notice { logger.log(notice, remark: remark) } else { logger.log(notice) }
            case .forward, .network: perform(action)
            }
        }
        if alarm == nil { alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) } }
        alarm?.set(at: engine.nextDeadline)
        turned()
    }

    private func send(_ datagram: Datagram) {
        do throws(SystemError) {
            guard let socket = sockets[datagram.source] else { throw .noSocket(datagram.source) }
            try socket.send(
                datagram.octets,
                from: datagram.source,
                to: datagram.destination,
                port: datagram.ports?.destination
            )
        } catch {
            // Not lost: whatever matters is sent again at its deadline.
            unsendable += 1
            logger.debug("\(error)")
        }
    }
}

extension Datagram {
    fileprivate init(_ message: ReceivedMessage, on kind: SignalingSocket.Kind) {
        let ports: Ports? =
            switch kind {
            case .mobilityHeader: nil
            case .udp(let port): Ports(source: message.port, destination: port)
            }
        self.init(source: message.source, destination: message.destination, ports: ports, octets: message.octets)
    }
}

extension SystemError {
    fileprivate static func noSocket(_ address: IPAddress) -> SystemError {
        // EADDRNOTAVAIL: the link lost the address since the engine decided to send.
        SystemError(call: "send", errno: 99, subject: "signalling from \(address)")
    }
}

extension SilenceReason {
    /// Behind "the path is silent".
    fileprivate var text: String {
        switch self {
        case .nothingHeard(let duration): "nothing heard for \(duration.wholeNanoseconds / 1_000_000) ms"
        case .peerHearsNothing: "the other end hears nothing"
        case .neverProven: "no probe was answered yet"
        case .sendingFailed: "packets cannot be sent"
        }
    }
}
