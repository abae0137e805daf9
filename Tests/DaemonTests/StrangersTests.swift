// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Logging
import Mobility
import Testbed
import Testing
import Wire

/// Who is served first when more comes than can be served (F12).
@Suite struct StrangersTests {
    private static func datagram(_ number: UInt8, from port: UInt16 = 5436) -> Datagram {
        let ports = Datagram.Ports(source: port, destination: 5436)
        return Datagram(
            source: ExampleDomain.dsl,
            destination: ExampleDomain.anchorIPv4,
            ports: ports,
            octets: [number]
        )
    }

    @Test func strangersAreServedInTheirOrderAndTooManyAreTurnedAway() {
        var strangers = Strangers()
        for _ in 0..<3 {
            #expect(strangers.isEmpty)
            let excess = (0..<Strangers.most).compactMap { strangers.add(Self.datagram(UInt8($0 & 0xFF))) }
            #expect(excess.isEmpty)
            let beyond = strangers.add(Self.datagram(100))
            let first = strangers.next(3).map(\.octets)
            let later = strangers.add(Self.datagram(99))
            #expect(beyond?.octets == [100] && first == [[0], [1], [2]] && later == nil)
            var rest: [Datagram] = []
            while !strangers.isEmpty { rest += strangers.next(64) }
            #expect(rest.count == Strangers.most - 2 && rest.first?.octets == [3] && rest.last?.octets == [99])
        }
        let none = strangers.next(64)
        #expect(none.isEmpty)
    }

    @Test func whoSendsMuchKeepsNobodyElseOut() {
        var strangers = Strangers()
        for _ in 0..<2 * Strangers.most { _ = strangers.add(Self.datagram(0)) }
        let others = (6000..<6200).map { Self.datagram(1, from: $0) }
        // One in 64 stands in the queue of the one that sends much: 3 of these 200.
        let excess = others.compactMap { strangers.add($0) }
        #expect(excess.count == others.count && excess.filter { $0.octets == [1] }.count < 30)
        let next = strangers.next(800).filter { $0.octets == [1] }
        #expect(next.count > 170)
    }

    @Test func messagesThatWaitGoBeforeALaterOneOfTheirSender() {
        var strangers = Strangers()
        for port in 6000..<6100 as Range<UInt16> {
            for number in 0..<3 as Range<UInt8> { _ = strangers.add(Self.datagram(number, from: port)) }
        }
        let before = strangers.next(before: Self.datagram(3, from: 6050))
        #expect(before == (0..<3).map { Self.datagram($0, from: 6050) })
        let again = strangers.next(before: Self.datagram(4, from: 6050))
        let rest = strangers.next(1000)
        #expect(again.isEmpty && rest.count == 297 && strangers.isEmpty)
    }

    @Test func servedMessagesAreNotKept() throws {
        var strangers = Strangers()
        func add(_ number: Int) {
            var datagram = Self.datagram(0, from: UInt16(truncatingIfNeeded: number))
            datagram.octets = [UInt8](repeating: 1, count: 2000)
            _ = strangers.add(datagram)
        }
        // Enough senders that no queue is ever empty.
        for number in 0..<1000 { add(number) }
        let before = try Self.residentPages()
        for number in 0..<120_000 {
            add(number)
            _ = strangers.next(1)
        }
        // If those served were kept until a queue is empty, 2048 in each of 64 queues: a quarter of a gigabyte.
        #expect(try Self.residentPages() - before < 16_384)
    }

    private static func residentPages() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        try #require(fgets(&line, 256, file) != nil)
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        return try #require(fields.count > 1 ? Int(fields[1]) : nil)
    }

    /// Known by its latest message only: the one before waits with the strangers.
    @Test func knownPeerIsServedBeforeTheStrangersThatCameBeforeIt() async throws {
        try await ScratchCable.with { cable in
            let own = try #require(IPAddress("192.0.2.1"))
            let peer = try #require(IPAddress("192.0.2.2"))
            let record = Record<UInt8>()
            let begin: @Sendable () throws -> sending Reactor = {
                let reactor = try Reactor(name: "test")
                let runner = EngineRunner(NumberEngine(), on: reactor, logger: LogLines().logger) { action in
                    if case .network(.addHomeAddress(let address)) = action { record.note(address.octets[3]) }
                }
                try runner.open(own, on: "near")
                // All of it waits before the reactor looks for the first time.
                let (stranger, known) = try cable.far.enter {
                    (
                        try SignalingSocket(.udp(port: 5436), boundTo: peer),
                        try SignalingSocket(.udp(port: NumberEngine.knownPort), boundTo: peer)
                    )
                }
                let numbers = [0] + Array(1...200) + [NumberEngine.known]
                try cable.near.fillSocket(on: 5436, with: numbers.map { [$0] }) { octets in
                    let sender = octets == [0] || octets == [NumberEngine.known] ? known : stranger
                    try sender.send(octets, from: nil, to: own, port: 5436)
                }
                let alarm = reactor.makeAlarm { _ = runner }
                alarm.set(at: SystemClock.now() + .seconds(3600))
                try reactor.start()
                return reactor
            }
            let reactor = try cable.near.enter(begin)
            defer { reactor.stop() }
            #expect(try await Patience.wait(.seconds(30)) { record.entries.count == 202 })
            #expect(record.entries.starts(with: [0, NumberEngine.known]))
            // In the order of their arrival, which a busy kernel may change on the way.
            #expect(record.entries.dropFirst(2).sorted() == Array(1...200))
        }
    }
}

/// Notes every message by its number; knows the one with the highest.
private struct NumberEngine: Engine {
    enum Event: EngineEvent {
        case received(Datagram)
        case deadline
        case pathCondition(PathIdentifier, Mobility.PathCondition)
        case sequenceAdvanced(SessionIdentifier, UInt32)
        case storeChanged(isWell: Bool)
    }

    static let known: UInt8 = 255
    static let knownPort: UInt16 = 6000

    var nextDeadline: Instant? { nil }

    func knows(_ datagram: Datagram) -> Bool { datagram.octets.first == Self.known }
    mutating func overlook(_ datagram: Datagram, at now: Moment) -> [Action] { [] }

    mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        guard case .received(let datagram) = event, let number = datagram.octets.first else { return [] }
        return [.network(.addHomeAddress(IPv4Address(10, 0, 0, number)))]
    }
}
