// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// Runs an engine on a reactor: hands it what arrives and when time has come, and has its actions performed.
///
/// The unit is the turn: one event, handled whole, its actions performed in their order before the next. Belongs to
/// the control plane's thread.
final class EngineRunner<E: Engine> {
    private(set) var engine: E
    private let reactor: Reactor
    private let logger: Logger
    private let perform: (Action) -> Void
    private var alarm: Alarm?
    private var sockets: [IPAddress: SignalingSocket] = [:]
    /// Messages that the kernel refused to send.
    private(set) var unsendable = 0

    /// `perform` does what is neither sending nor logging.
    init(_ engine: E, on reactor: Reactor, logger: Logger, perform: @escaping (Action) -> Void) {
        self.engine = engine
        self.reactor = reactor
        self.logger = logger
        self.perform = perform
    }

    static var now: Moment { Moment(instant: SystemClock.now(), timestamp: SystemClock.timestamp()) }

    /// Signals from and to an own address: directly behind IPv6, or on UDP over IPv4 (RFC 5844 §4.1).
    func open(_ address: IPAddress, on device: String? = nil) throws(SystemError) {
        close(address)
        let kind: SignalingSocket.Kind = address.isIPv4 ? .udp(port: MobilityPort.control) : .mobilityHeader
        let socket = try SignalingSocket(kind, boundTo: address, device: device)
        try reactor.watch(socket.fd) { [unowned self, unowned socket] in
            for message in socket.receive() { self.turn(.received(Datagram(message, on: socket.kind))) }
        }
        sockets[address] = socket
    }

    func close(_ address: IPAddress) {
        guard let socket = sockets.removeValue(forKey: address) else { return }
        reactor.unwatch(socket.fd)
    }

    func turn(_ event: E.Event) {
        for action in engine.handle(event, at: Self.now) {
            switch action {
            case .send(let datagram): send(datagram)
            case .report(let notice): logger.log(notice)
            case .forward, .network: perform(action)
            }
        }
        if alarm == nil { alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) } }
        alarm?.set(at: engine.nextDeadline)
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
    init(_ message: ReceivedMessage, on kind: SignalingSocket.Kind) {
        let ports: Ports? =
            switch kind {
            case .mobilityHeader: nil
            case .udp(let port): Ports(source: message.port, destination: port)
            }
        self.init(source: message.source, destination: message.destination, ports: ports, octets: message.octets)
    }
}

extension SystemError {
    static func noSocket(_ address: IPAddress) -> SystemError {
        // EADDRNOTAVAIL: the link lost the address since the engine decided to send.
        SystemError(call: "send", errno: 99, subject: "signalling from \(address)")
    }
}

extension Logger {
    func log(_ notice: Notice) {
        let level: Logger.Level =
            switch notice.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        log(level: level, "\(notice)")
    }
}
