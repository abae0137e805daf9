// SPDX-License-Identifier: Apache-2.0
package import Forwarding
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// Runs an engine on a reactor: hands it what arrives and when time has come, and has its actions performed.
///
/// The unit is the turn: what has come, 64 messages at most, handled whole; what is to be stored stored in one
/// transaction; then all other actions performed in their order. So nothing is acknowledged before it is stored.
/// Belongs to the control plane's thread.
package final class EngineRunner<E: Engine> {
    package private(set) var engine: E
    /// Messages that the kernel refused to send.
    package private(set) var unsendable = 0
    /// Messages that were not sent because what they tell of could not be stored.
    package private(set) var withheld = 0
    /// Called at the end of every turn, whatever brought it about.
    package var turned: () -> Void = {}
    private let reactor: Reactor
    private let logger: Logger
    private let perform: (Action) -> Void
    private let keeper: StoreKeeper?
    private let step: StoreStep.Hook
    private var wasStoreWell = true
    private var isStoreClosed = false
    private var alarm: Alarm?
    private var sockets: [SocketKey: SignalingSocket] = [:]
    private var strangers = Strangers()
    private var strangersAlarm: Alarm?

    /// Receptions, of 64 messages at most, before others have a look in.
    private static var receptionsPerRound: Int { 64 }
    /// So that known peers do not wait for them long.
    private static var strangersPerRound: Int { 64 }

    /// Two access networks may give the same address.
    private struct SocketKey: Hashable {
        var address: IPAddress
        var wan: String?
        var isUDP: Bool
    }

    /// `perform` does what is neither sending nor logging nor storing. Without a `store` nothing is stored. `step` sees
    /// each moment at which a process could die between two effects.
    package init(
        _ engine: E,
        on reactor: Reactor,
        store: (any BindingStore)? = nil,
        logger: Logger,
        step: @escaping StoreStep.Hook = { _ in },
        perform: @escaping (Action) -> Void
    ) {
        self.engine = engine
        self.reactor = reactor
        self.logger = logger
        self.perform = perform
        self.step = step
        keeper = store.map { StoreKeeper($0, logger: logger) }
    }

    /// Why nothing can be stored; nil while all is well.
    package var storeFailure: StoreFailure? { keeper?.failure }

    package static var now: Moment { Moment(instant: SystemClock.now(), timestamp: SystemClock.timestamp()) }

    /// Signals from and to an own address: on UDP (RFC 5844 §4.1), and over IPv6 also as a header of its own
    /// (RFC 6275 §6.1). `wan` is the access network's name, which stands in all that comes over it.
    package func open(_ address: IPAddress, on device: String? = nil, wan: String? = nil) throws(SystemError) {
        close(address, wan: wan)
        do throws(SystemError) {
            if !address.isIPv4 { try open(.mobilityHeader, address, device, wan) }
            try open(.udp(port: MobilityPort.control), address, device, wan)
        } catch {
            close(address, wan: wan)
            throw error
        }
    }

    private func open(
        _ kind: SignalingSocket.Kind,
        _ address: IPAddress,
        _ device: String?,
        _ wan: String?
    ) throws(SystemError) {
        let socket = try SignalingSocket(kind, boundTo: address, device: device)
        try reactor.watch(socket.fd) { [unowned self, unowned socket] in
            self.receive(from: socket, wan: wan)
        }
        sockets[SocketKey(address: address, wan: wan, isUDP: kind != .mobilityHeader)] = socket
    }

    /// Known peers are served at once, strangers after all that has come from them and some at a time: what anybody can
    /// send must not displace what a gateway sends. Measured: otherwise a flood costs half of the renewals (F12).
    private func receive(from socket: SignalingSocket, wan: String?) {
        for _ in 0..<Self.receptionsPerRound {
            let messages = socket.receive()
            var known: [News] = []
            // An empty one only keeps an address translator's memory fresh.
            for message in messages where !message.octets.isEmpty {
                let datagram = Datagram(message, on: socket.kind, wan: wan)
                if engine.knows(datagram) {
                    known += (strangers.next(before: datagram) + [datagram]).map { News(.received($0)) }
                } else if let excess = strangers.add(datagram) {
                    overlook(excess)
                }
            }
            turn(known)
            guard messages.count == ReceiveBatch.capacity else { break }
        }
        serveStrangers()
    }

    private func overlook(_ datagram: Datagram) {
        for case .report(let notice) in engine.overlook(datagram, at: Self.now) { logger.log(notice) }
    }

    private func serveStrangers() {
        turn(strangers.next(Self.strangersPerRound).map { News(.received($0)) })
        guard !strangers.isEmpty else { return }
        if strangersAlarm == nil { strangersAlarm = reactor.makeAlarm { [unowned self] in self.serveStrangers() } }
        strangersAlarm?.set(at: SystemClock.now())
    }

    package func close(_ address: IPAddress, wan: String? = nil) {
        for isUDP in [false, true] {
            let key = SocketKey(address: address, wan: wan, isUDP: isUDP)
            if let socket = sockets.removeValue(forKey: key) { reactor.unwatch(socket.fd) }
        }
    }

    /// The engine is run no more: neither by messages nor by time.
    package func stop() {
        for key in Array(sockets.keys) { close(key.address, wan: key.wan) }
        alarm?.cancel()
        alarm = nil
        strangersAlarm?.cancel()
        strangersAlarm = nil
    }

    /// Nothing that happens from here on is stored; what waited to be is.
    package func closeStore() {
        keeper?.close(at: SystemClock.now())
        isStoreClosed = true
    }

    /// An event, and what the log says besides of what it brings forth.
    package struct News {
        fileprivate var event: E.Event
        fileprivate var remark: String?

        package init(_ event: E.Event) { self.event = event }

        /// The data plane says this of a path.
        package init(_ path: PathIdentifier, is condition: Forwarding.PathCondition, because reason: SilenceReason?) {
            event = .pathCondition(path, Mobility.PathCondition(condition))
            remark = reason.map { "\($0.text)" }
        }
    }

    /// What one event has brought forth.
    private struct Outcome {
        var actions: [Action]
        var remark: String?
    }

    package func turn(_ event: E.Event) { turn([News(event)]) }

    /// What the engine does of itself, such as taking up what was stored.
    package func turn(_ change: (inout E, Moment) -> [Action]) { act([Outcome(actions: change(&engine, Self.now))]) }

    package func turn(_ news: [News]) {
        guard !news.isEmpty else { return }
        act(news.map { Outcome(actions: engine.handle($0.event, at: Self.now), remark: $0.remark) })
    }

    private func act(_ outcomes: [Outcome]) {
        store(outcomes)
        for outcome in outcomes {
            let isHeldUp = outcome.actions.contains {
                if case .store(let change) = $0 { holdsUp(change) } else { false }
            }
            for action in outcome.actions { perform(action, isHeldUp: isHeldUp, remark: outcome.remark) }
        }
        if alarm == nil { alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) } }
        alarm?.set(at: [engine.nextDeadline, isStoreClosed ? nil : keeper?.nextDeadline].compactMap(\.self).min())
        turned()
        tellStoreHealth()
    }

    private func perform(_ action: Action, isHeldUp: Bool, remark: String?) {
        step(.beforeAction)
        switch action {
        case .send(let datagram): if isHeldUp { withheld += 1 } else { send(datagram) }
        case .report(let notice):
            if case .pathChanged = notice { logger.log(notice, remark: remark) } else { logger.log(notice) }
        case .forward, .network, .resolve, .serve, .stopServing: perform(action)
        case .store: break
        }
        step(.afterAction)
    }

    // MARK: Storing

    private func store(_ outcomes: [Outcome]) {
        guard let keeper, !isStoreClosed else { return }
        let changes = outcomes.flatMap { outcome in
            outcome.actions.compactMap { if case .store(let change) = $0 { change } else { nil } }
        }
        keeper.take(changes, at: SystemClock.now())
    }

    private func holdsUp(_ change: StoredChange) -> Bool { !isStoreClosed && keeper?.holdsUp(change) == true }

    private func tellStoreHealth() {
        guard let isWell = keeper?.isWell, isWell != wasStoreWell else { return }
        wasStoreWell = isWell
        turn(.storeChanged(isWell: isWell))
    }

    // MARK: Sending

    /// Ports mean UDP.
    private func socket(for datagram: Datagram) -> SignalingSocket? {
        let isUDP = datagram.ports != nil
        let key = SocketKey(address: datagram.source, wan: datagram.wan, isUDP: isUDP)
        if let socket = sockets[key] { return socket }
        // The engine did not say over which access network: the address is one's only.
        guard datagram.wan == nil else { return nil }
        return sockets.first { $0.key.address == datagram.source && $0.key.isUDP == isUDP }?.value
    }

    private func send(_ datagram: Datagram) {
        do throws(SystemError) {
            guard let socket = socket(for: datagram) else { throw .noSocket(datagram.source) }
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
    fileprivate init(_ message: ReceivedMessage, on kind: SignalingSocket.Kind, wan: String?) {
        let ports: Ports? =
            switch kind {
            case .mobilityHeader: nil
            case .udp(let port): Ports(source: message.port, destination: port)
            }
        self.init(
            source: message.source,
            destination: message.destination,
            ports: ports,
            octets: message.octets,
            wan: wan
        )
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
