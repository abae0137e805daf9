// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Logging
import Mobility
import Testbed
import Testing
import Wire

/// Who is served first when more comes than can be served (F12).
@Suite struct StrangersTests {
    private static func datagram(_ number: UInt8) -> Datagram {
        Datagram(source: ExampleDomain.dsl, destination: ExampleDomain.anchorIPv4, ports: .control, octets: [number])
    }

    @Test func strangersAreServedInTheirOrderAndTooManyAreTurnedAway() {
        var strangers = Strangers()
        for _ in 0..<3 {
            #expect(strangers.isEmpty)
            let taken = (0..<Strangers.most).map { strangers.add(Self.datagram(UInt8($0 & 0xFF))) }
            #expect(taken.allSatisfy { $0 })
            let isTakenBeyond = strangers.add(Self.datagram(0))
            let first = strangers.next(3).map(\.octets)
            let isTakenAgain = strangers.add(Self.datagram(99))
            #expect(!isTakenBeyond && first == [[0], [1], [2]] && isTakenAgain)
            var rest: [Datagram] = []
            while !strangers.isEmpty { rest += strangers.next(64) }
            #expect(rest.count == Strangers.most - 2 && rest.first?.octets == [3] && rest.last?.octets == [99])
        }
        let none = strangers.next(64)
        #expect(none.isEmpty)
    }

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
                let sender = try cable.far.enter { try SignalingSocket(.udp(port: 5436), boundTo: peer) }
                try cable.near.fillSocket(on: 5436, with: (Array(1...200) + [NumberEngine.known]).map { [$0] }) {
                    try sender.send($0, from: nil, to: own)
                }
                let alarm = reactor.makeAlarm { _ = runner }
                alarm.set(at: SystemClock.now() + .seconds(3600))
                try reactor.start()
                return reactor
            }
            let reactor = try cable.near.enter(begin)
            defer { reactor.stop() }
            #expect(try await Patience.wait(.seconds(30)) { record.entries.count == 201 })
            #expect(record.entries.first == NumberEngine.known)
            // In the order of their arrival, which a busy kernel may change on the way.
            #expect(record.entries.dropFirst().sorted() == Array(1...200))
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

    var nextDeadline: Instant? { nil }

    func knows(_ datagram: Datagram) -> Bool { datagram.octets.first == Self.known }
    mutating func overlook(_ datagram: Datagram, at now: Moment) -> [Action] { [] }

    mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        guard case .received(let datagram) = event, let number = datagram.octets.first else { return [] }
        return [.network(.addHomeAddress(IPv4Address(10, 0, 0, number)))]
    }
}
