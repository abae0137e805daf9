// SPDX-License-Identifier: Apache-2.0
import Daemon
import Forwarding
import Glibc
import Lab
import LinuxIO
import Logging
import Mobility
import Testbed
import Testing
import Wire

/// How an engine is run: turn by turn.
@Suite struct EngineRunnerTests {
    private let record = Record<String>()
    private let log = LogLines()

    /// Runs the body on the reactor's thread with a runner of the engine, and ends both.
    private func run(
        _ engine: StubEngine,
        in namespace: LabNamespace? = nil,
        store: @escaping @Sendable () -> (any BindingStore)? = { nil },
        start: @escaping @Sendable (EngineRunner<StubEngine>) throws -> Void,
        until condition: () -> Bool
    ) async throws {
        let (record, logger) = (record, log.logger)
        let begin: @Sendable () throws -> sending Reactor = {
            let reactor = try Reactor(name: "test")
            var engine = engine
            engine.record = record
            let runner = EngineRunner(engine, on: reactor, store: store(), logger: logger) { record.note("\($0.name)") }
            runner.turned = { [unowned runner] in record.note("turned, unsendable \(runner.unsendable)") }
            try start(runner)
            // Held by the reactor until it stops.
            let alarm = reactor.makeAlarm { _ = runner }
            alarm.set(at: SystemClock.now() + .seconds(3600))
            try reactor.start()
            return reactor
        }
        let reactor = try namespace.map { try $0.enter(begin) } ?? begin()
        defer { reactor.stop() }
        #expect(try await Patience.wait(.seconds(30), until: condition))
    }

    @Test func actionsArePerformedInTheirOrderAndTimeMakesATurn() async throws {
        let path = ExampleDomain.path(1)
        let message = Datagram(
            source: ExampleDomain.lte,
            destination: ExampleDomain.anchorIPv6,
            ports: nil,
            octets: [59, 0, 0, 0, 0, 0, 0, 0]
        )
        let engine = StubEngine(
            actions: [
                .forward(.removePath(path)), .send(message), .network(.addPrefix(ExampleDomain.prefix("10.0.0.0/8"))),
                .report(.bindingRefreshed(path)), .forward(.remove(path.session)),
            ],
            delay: .milliseconds(20)
        )
        try await run(engine) {
            $0.turn(.request)
        } until: {
            record.entries.count >= 8
        }
        let turn = ["forward", "network", "forward"]
        #expect(Array(record.entries.prefix(8)) == turn + ["turned, unsendable 1"] + turn + ["turned, unsendable 2"])
    }

    @Test func messagesAreTakenFromTheOpenSocketsUntilItStops() async throws {
        try await ScratchCable.with { cable in
            let local = try #require(IPAddress("192.0.2.1"))
            let sender = try cable.far.enter { try SignalingSocket(.udp(port: 5436)) }
            try await run(
                StubEngine(actions: [.network(.addPrefix(ExampleDomain.prefix("10.0.0.0/8")))]),
                in: cable.near
            ) {
                try $0.open(local, on: "near")
                // The second socket for an address takes the first one's place. A process that another test is just
                // starting holds a copy of the first until it has become another program.
                let deadline = SystemClock.now() + .seconds(5)
                while true {
                    do throws(SystemError) {
                        try $0.open(local, on: "near")
                        break
                    } catch {
                        guard error.errno == EADDRINUSE, SystemClock.now() < deadline else { throw error }
                    }
                }
            } until: {
                try? sender.send([1, 2, 3], from: nil, to: local)
                return record.entries.contains("network")
            }
        }
    }

    /// What the engine sends for each message: the same back to where it came from.
    private func echo(_ own: IPAddress, on devices: [String], in namespace: LabNamespace, until: () -> Bool)
        async throws
    {
        try await run(StubEngine(actions: [], echoes: true), in: namespace) { runner in
            for device in devices { try runner.open(own, on: device, wan: device) }
        } until: {
            until()
        }
    }

    @Test func overIPv6BothTransportsAreOpenAndAnswersTakeTheSame() async throws {
        try await ScratchCable.with { cable in
            let own = try #require(IPAddress("2001:db8:1::1"))
            let peer = try #require(IPAddress("2001:db8:1::2"))
            let kinds: [SignalingSocket.Kind] = [.mobilityHeader, .udp(port: 5436)]
            let sockets = try cable.far.enter {
                try kinds.map { try SignalingSocket($0, boundTo: peer) }
            }
            // A Binding Refresh Request, and nothing: the latter is no message.
            let message: [UInt8] = [59, 0, 0, 0, 0, 0, 0, 0]
            var answers = [0, 0]
            try await echo(own, on: ["near"], in: cable.near) {
                for (index, socket) in sockets.enumerated() {
                    try? socket.send([], from: nil, to: own)
                    try? socket.send(message, from: nil, to: own)
                    answers[index] += socket.receive().count { $0.octets.count == message.count }
                }
                return !answers.contains(0)
            }
            #expect(record.entries.allSatisfy { $0 == "turned, unsendable 0" })
        }
    }

    @Test func twoAccessNetworksWithOneAddressAreToldApart() async throws {
        try await ScratchCable.with { cable in
            try await VirtualCable(one: .init(cable.near, "near2"), other: .init(cable.far, "far2")).lay()
            let own = try #require(IPAddress("10.0.0.10"))
            for (near, far) in [("near", "far"), ("near2", "far2")] {
                try await cable.near.ip("address add 10.0.0.10/24 dev \(near)")
                // The same router's address on both, too.
                try await cable.far.ip("address add 10.0.0.1/24 dev \(far)")
            }
            let sockets = try cable.far.enter {
                try ["far", "far2"].map { try SignalingSocket(.udp(port: 5436), device: $0) }
            }
            var answers = [0, 0]
            try await echo(own, on: ["near", "near2"], in: cable.near) {
                for (index, socket) in sockets.enumerated() {
                    try? socket.send([UInt8(index), 1], from: nil, to: own)
                    for answer in socket.receive() {
                        // What went out over one never comes back over the other.
                        #expect(answer.octets == [UInt8(index), 1])
                        answers[index] += 1
                    }
                }
                return !answers.contains(0)
            }
        }
    }

    /// Nothing that a turn brings forth happens before what it stores is stored, and a full socket is one turn.
    @Test func manyMessagesAreOneTransactionBeforeAnyAnswer() async throws {
        try await ScratchCable.with { cable in
            let own = try #require(IPAddress("192.0.2.1"))
            let peer = try #require(IPAddress("192.0.2.2"))
            let stored = StoredChange.put(StoreBench.record(1), isUrgent: true)
            let record = record
            try await run(
                StubEngine(actions: [.store(stored), .network(.addPrefix(ExampleDomain.prefix("10.0.0.0/8")))]),
                in: cable.near,
                store: { NotedStore(record) }
            ) { runner in
                try runner.open(own, on: "near")
                // Queued before the reactor looks for the first time.
                let sender = try cable.far.enter { try SignalingSocket(.udp(port: 5436), boundTo: peer) }
                try cable.near.fillSocket(on: 5436, with: (0..<40 as Range<UInt8>).map { [$0, 1] }) {
                    try sender.send($0, from: nil, to: own)
                }
            } until: {
                record.entries.count >= 42
            }
            #expect(record.entries == ["commit"] + Array(repeating: "network", count: 40) + ["turned, unsendable 0"])
        }
    }

    @Test func whatCannotBeStoredIsNotAcknowledgedAndTheEngineIsTold() async throws {
        try await ScratchCable.with { cable in
            let own = try #require(IPAddress("192.0.2.1"))
            let peer = try #require(IPAddress("192.0.2.2"))
            let sender = try cable.far.enter { try SignalingSocket(.udp(port: 5436), boundTo: peer) }
            var isAnswered = false
            let record = record
            try await run(
                StubEngine(actions: [.store(.put(StoreBench.record(1), isUrgent: true))], echoes: true),
                in: cable.near,
                store: { NotedStore(record, failsUntil: 3) }
            ) {
                try $0.open(own, on: "near")
            } until: {
                try? sender.send([1, 1], from: nil, to: own)
                isAnswered = !sender.receive().isEmpty || isAnswered
                return isAnswered && record.entries.contains("told of a store that is well")
            }
            let told = record.entries.filter { $0.hasPrefix("told") || $0 == "commit" }
            #expect(told.starts(with: ["told of a store that fails", "commit"]))
            #expect(log.count("error: bindings cannot be stored: full") == 1)
        }
    }

    @Test func silenceIsLoggedWithWhatItWasNoticedBy() async throws {
        let path = ExampleDomain.path(2)
        let engine = StubEngine(actions: [.report(.pathChanged(path, .silent)), .report(.bindingRefreshed(path))])
        try await run(engine) {
            $0.turn([EngineRunner.News(path, is: .silent, because: .nothingHeard(for: .microseconds(236_900)))])
            $0.turn([EngineRunner.News(path, is: .silent, because: nil)])
        } until: {
            record.entries.count == 2
        }
        #expect(
            log.lines == [
                "warning: cpe1@example.net/2 is silent: nothing heard for 236 ms",
                "warning: cpe1@example.net/2 is silent",
            ]
        )
    }
}

/// Does the same in every turn.
private struct StubEngine: Engine {
    enum Event: EngineEvent {
        case received(Datagram)
        case deadline
        case pathCondition(PathIdentifier, Mobility.PathCondition)
        case sequenceAdvanced(SessionIdentifier, UInt32)
        case storeChanged(isWell: Bool)
        case request
    }

    var actions: [Action]
    /// From turn to turn.
    var delay: Duration?
    var nextDeadline: Instant?
    /// Also sends each message back to where it came from.
    var echoes: Bool
    var record: Record<String>?

    init(actions: [Action], delay: Duration? = nil, echoes: Bool = false) {
        self.actions = actions
        self.delay = delay
        self.echoes = echoes
    }

    func knows(_ datagram: Datagram) -> Bool { false }
    mutating func overlook(_ datagram: Datagram, at now: Moment) -> [Action] { [] }

    mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        nextDeadline = delay.map { now.instant + $0 }
        if case .storeChanged(let isWell) = event {
            record?.note("told of a store that \(isWell ? "is well" : "fails")")
            return []
        }
        guard echoes, case .received(let datagram) = event else { return actions }
        let answer = Datagram(
            source: datagram.destination,
            destination: datagram.source,
            ports: datagram.ports?.reversed,
            octets: datagram.octets,
            wan: datagram.wan
        )
        return actions + [.send(answer)]
    }
}

/// Says when it is written to.
private final class NotedStore: BindingStore {
    private let record: Record<String>
    private var failures: Int

    init(_ record: Record<String>, failsUntil failures: Int = 1) {
        self.record = record
        self.failures = failures - 1
    }

    func load() throws(StoreFailure) -> StoreContents {
        StoreContents(sessions: StoredSessions(), restartCounter: 1)
    }

    func commit(_ changes: [StoredChange]) throws(StoreFailure) {
        failures -= 1
        guard failures < 0 else { throw StoreFailure(.unwritable, "full") }
        record.note("commit")
    }

    func close() {}
}

extension Action {
    fileprivate var name: String {
        switch self {
        case .send: "send"
        case .forward: "forward"
        case .serve: "serve"
        case .stopServing: "stop serving"
        case .network: "network"
        case .store: "store"
        case .report: "report"
        case .resolve: "resolve"
        }
    }
}
