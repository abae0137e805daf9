// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

/// No sequence number and no report, forged, stale or of another life, stalls or blinds a session that carries packets for more
/// than a tenth of a second.
@Suite struct NumberAttackTests {
    private static let limit = Duration.milliseconds(100)

    /// What somebody does in mid-traffic, given the pair and how often he has done it before.
    private typealias Attack = (Pair, Int) -> Void

    private struct Outcome {
        /// Between two packets that the anchor delivered for the first time.
        var longestGap = Duration.zero
        /// Of those that were sent, and that came after a later one.
        var lost = 0
        var misordered = 0
    }

    /// Two paths with room for little more than a half of the traffic each: GRE over IPv6, and UDP+TLV+GRE over IPv4.
    private func pair() -> Pair { Pair.reporting(delays: [10, 12], rates: [1_500_000, 1_500_000]) }

    /// One packet up each millisecond; the attack every ten in the middle, `times` times.
    private func outcome(times: Int = 40, _ attack: Attack) -> Outcome {
        let pair = pair()
        var outcome = Outcome()
        var seen: Set<Int> = []
        var newest = -1
        var last = pair.now
        let count = 300 + times * 10 + 300
        for number in 0..<count + 100 {
            if number < count { pair.up(Numbered.packet(number)) }
            if number % 4 == 0 { pair.down(Rules.down()) }
            pair.passes(1)
            if number >= 300, number < 300 + times * 10, number % 10 == 0 { attack(pair, number / 10 - 30) }
            for octets in pair.anchor.takeDelivered() {
                let number = Numbered.number(of: octets)
                guard number < count, seen.insert(number).inserted else { continue }
                if number < newest { outcome.misordered += 1 }
                newest = max(newest, number)
                outcome.longestGap = max(outcome.longestGap, pair.now - last)
                last = pair.now
            }
        }
        outcome.lost = count - seen.count
        #expect(pair.conditions == [.alive, .alive, .alive, .alive])
        pair.passes(1000)
        #expect(pair.anchor.leaked == 0 && pair.gateway.leaked == 0)
        return outcome
    }

    /// The newest packet up over the path, with another number, and marked as none of the right ones.
    private func forged(_ pair: Pair, _ path: PathNumber, _ change: (UInt32) -> UInt32) -> [UInt8] {
        let last = pair.log.last { $0.isUp && $0.path == path && !Pair.isProbe($0.octets) }
        guard var octets = last?.octets else { return [] }
        let number = change(Pair.sequence(octets) ?? 0)
        // Behind flags, type and key; of UDP also behind a TLV header.
        let place = octets[0] == 0 ? 12 : 8
        for index in 0..<4 { octets[place + index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * index)) }
        for index in 60..<62 { octets[place + 4 + index] = 0xFF }
        return octets
    }

    private func inject(_ octets: [UInt8], _ pair: Pair, _ path: PathNumber) {
        pair.anchor.fromTunnel(octets, Pair.arrival(path, isUp: true), at: pair.now)
        pair.launch()
    }

    private func expectNoHarm(_ outcome: Outcome, forged: Int = 0) {
        #expect(outcome.longestGap <= Self.limit)
        // One that bears the number of a packet that is still to come takes its place: nothing in it tells.
        #expect(outcome.lost <= forged)
        #expect(outcome.misordered <= 100)
    }

    // MARK: Numbers

    @Test(arguments: [1, 2] as [PathNumber], [5, 100, 1000, 3000, 4090, 5000, 50_000, 0x7FFF_FFFF] as [UInt32])
    func numbersAheadStallNothing(_ path: PathNumber, _ distance: UInt32) {
        let outcome = outcome { pair, _ in inject(forged(pair, path) { $0 &+ distance }, pair, path) }
        expectNoHarm(outcome, forged: 40)
    }

    @Test(arguments: [1, 2] as [PathNumber], [1, 50, 1000, 5000, 70_000, 0x7FFF_FFFF] as [UInt32])
    func numbersBehindStallNothing(_ path: PathNumber, _ distance: UInt32) {
        let outcome = outcome { pair, _ in inject(forged(pair, path) { $0 &- distance }, pair, path) }
        // The one before the newest is still on its way.
        expectNoHarm(outcome, forged: distance == 1 ? 40 : 0)
    }

    /// Two by two, so that one confirms the other.
    @Test(arguments: [0x0001_0000, 0x8000_0000, 0xFFFF_0000] as [UInt32])
    func numbersThatConfirmEachOtherStallNothing(_ distance: UInt32) {
        let outcome = outcome { pair, _ in
            for step in 0..<3 as Range<UInt32> {
                for path in [1, 2] as [PathNumber] { inject(forged(pair, path) { $0 &+ distance &+ step }, pair, path) }
            }
        }
        expectNoHarm(outcome)
        #expect(outcome.misordered == 0)
    }

    @Test func randomNumbersStallNothing() {
        var random = SeededGenerator(seed: 7)
        let outcome = outcome { pair, _ in
            for path in [1, 2] as [PathNumber] {
                let number = UInt32.random(in: 0 ... .max, using: &random)
                inject(forged(pair, path) { _ in number }, pair, path)
            }
        }
        expectNoHarm(outcome)
    }

    @Test func everyPathWithNumbersAheadAtOnceStallsNothing() {
        let outcome = outcome { pair, _ in
            for path in [1, 2] as [PathNumber] { inject(forged(pair, path) { $0 &+ 3500 }, pair, path) }
        }
        expectNoHarm(outcome, forged: 80)
    }

    @Test func replayedPacketsStallNothing() {
        let outcome = outcome { pair, count in
            for old in pair.userPackets().dropFirst(count * 5).prefix(20) { inject(old.octets, pair, old.path) }
        }
        expectNoHarm(outcome)
        #expect(outcome.misordered == 0)
    }

    @Test(arguments: [0, 40, 1_000_000, 0xFFFF_FFF0] as [UInt32])
    func aPeerThatBeginsAnewIsFollowed(_ first: UInt32) {
        let outcome = outcome(times: 1) { pair, _ in
            var session = Pair.session(.perPacket(reorderTimeout: .milliseconds(100)), isUp: true)
            session.sendKey = 1
            pair.gateway.apply(.installSession(1, session), at: pair.now)
            session.sendKey = Pair.upKey
            session.firstSequence = first
            pair.gateway.apply(.installSession(1, session), at: pair.now)
        }
        #expect(outcome.longestGap <= Self.limit)
        #expect(outcome.lost <= 100)
    }

    // MARK: Reports

    /// What went up last of that kind over the path, decoded and without its headers.
    private func lastReport(_ pair: Pair, _ path: PathNumber) -> (report: PathReport, headers: [UInt8])? {
        guard let octets = pair.log.last(where: { $0.isUp && $0.path == path && Pair.isProbe($0.octets) })?.octets
        else {
            return nil
        }
        let length = octets.first == 0 ? 12 : 8
        return PathReport(Array(octets.dropFirst(length)).span.bytes, key: Pair.probeKey)
            .map { ($0, Array(octets.prefix(length))) }
    }

    private func inject(
        _ pair: Pair,
        _ path: PathNumber,
        key: SipKey = Pair.probeKey,
        _ change: (inout PathReport) -> Void
    ) {
        guard let (last, headers) = lastReport(pair, path) else { return }
        var report = last
        change(&report)
        inject(headers + report.octets(key: key), pair, path)
    }

    @Test(arguments: [1, 2] as [PathNumber]) func reportsWithAWrongTagStallNothing(_ path: PathNumber) {
        let outcome = outcome { pair, _ in
            inject(pair, path, key: SipKey(k0: 9, k1: 9)) {
                $0.sentAt &+= 1_000_000
                $0.madeAt &+= 1_000_000
                $0.nextNumber &+= 1_000_000
                $0.hearsPeer = false
            }
        }
        expectNoHarm(outcome)
        #expect(outcome.misordered == 0)
    }

    /// Of this path and of the other one.
    @Test func staleReportsStallNothing() {
        let outcome = outcome { pair, count in
            let reports = pair.log.filter { $0.isUp && Pair.isProbe($0.octets) }
            for old in reports.dropFirst(count).prefix(10) {
                for path in [1, 2] as [PathNumber] { inject(old.octets, pair, path) }
            }
        }
        expectNoHarm(outcome)
        #expect(outcome.misordered == 0)
    }

    /// From a peer that is out of its mind, for nobody else has the key.
    @Test(arguments: [100, 5000, 1_000_000, 0x8000_0000] as [UInt32])
    func reportsOfNumbersThatWereNeverSentStallNothing(_ distance: UInt32) {
        let outcome = outcome(times: 3) { pair, _ in
            for path in [1, 2] as [PathNumber] {
                inject(pair, path) {
                    $0.sentAt &+= 1
                    $0.madeAt &+= 1
                    $0.nextNumber &+= distance
                    $0.expectedNumber &+= distance
                    for place in $0.receptions.indices { $0.receptions[place].newest? &+= distance }
                    $0.runs = [1, 60_000, 1]
                }
            }
        }
        #expect(outcome.longestGap <= Self.limit)
        #expect(outcome.lost <= 100)
    }

    @Test(arguments: [1, 1_000_000_000_000, 0x7FFF_FFFF_FFFF_FFFF, .max] as [UInt64])
    func reportsWithAbsurdTimesStallNothing(_ stamp: UInt64) {
        let outcome = outcome(times: 2) { pair, count in
            for path in [1, 2] as [PathNumber] {
                inject(pair, path) {
                    // Now the one, now the other.
                    if count == 0 { $0.sentAt = stamp } else { $0.sentAt &+= 1 }
                    $0.madeAt = stamp
                    for place in $0.receptions.indices {
                        $0.receptions[place].newestAge = UInt32(truncatingIfNeeded: stamp)
                        $0.receptions[place].echo = stamp
                        $0.receptions[place].heldFor = UInt32(truncatingIfNeeded: stamp)
                        $0.receptions[place].octetsAge = UInt32(truncatingIfNeeded: stamp >> 32)
                        $0.receptions[place].octets = stamp
                    }
                }
            }
        }
        expectNoHarm(outcome)
        #expect(outcome.misordered == 0)
    }
}
