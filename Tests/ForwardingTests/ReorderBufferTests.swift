// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// A buffer with its arena; packets are known by a number in their octets.
private struct Harness: ~Copyable {
    var arena = PacketArena(slots: 3000)
    var buffer: ReorderBuffer
    var burst = Burst()
    var now = Instant.milliseconds(10_000)

    init(timeout: Duration = .milliseconds(100)) { buffer = ReorderBuffer(timeout: timeout) }

    /// Returns the verdict; `label` defaults to the sequence number.
    @discardableResult
    mutating func insert(_ sequence: UInt32, label: UInt32? = nil) -> ReorderBuffer.Verdict? {
        let label = label ?? sequence
        let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: label >> UInt32($0)) }
        guard let slot = arena.take(filledWith: octets) else { return nil }
        return buffer.insert(slot, sequence: sequence, at: now, into: &burst, arena: &arena)
    }

    mutating func advance(_ milliseconds: Int64) {
        now = now + .milliseconds(milliseconds)
        buffer.advance(to: now, into: &burst, arena: &arena)
    }

    mutating func take() -> [UInt32] {
        var labels: [UInt32] = []
        for slot in burst.deliveries {
            labels.append(arena.octets(slot).reduce(0) { $0 << 8 | UInt32($1) })
            arena.release(slot)
        }
        burst.clear()
        return labels
    }

    var leaked: Int { arena.outstanding - buffer.held }
}

@Suite struct ReorderBufferTests {
    @Test func inOrderPassesAtOnce() {
        var harness = Harness()
        for sequence in 0..<5 as Range<UInt32> { harness.insert(sequence) }
        #expect(harness.take() == [0, 1, 2, 3, 4])
        #expect(harness.buffer.held == 0)
        #expect(harness.buffer.nextDeadline == .never)
    }

    @Test func whatIsAheadWaitsForTheMissingOne() {
        var harness = Harness()
        #expect(harness.insert(1) == .held)
        #expect(harness.insert(2) == .held)
        #expect(harness.take().isEmpty)
        #expect(harness.insert(0) == .inOrder)
        #expect(harness.take() == [0, 1, 2])
        #expect(harness.buffer.counters.reordered == 2)
    }

    @Test func theNumbersWrapAround() {
        var harness = Harness()
        // Two packets near each other far away: the peer numbers there.
        harness.insert(.max - 1)
        harness.insert(.max)
        harness.insert(1)
        harness.insert(0)
        #expect(harness.take() == [.max - 1, .max, 0, 1])
    }

    @Test func aGapIsGivenUpAtTheTimeout() {
        var harness = Harness(timeout: .milliseconds(80))
        harness.insert(0)
        harness.insert(2)
        harness.advance(50)
        harness.insert(4)
        #expect(harness.take() == [0])
        #expect(harness.buffer.nextDeadline == .milliseconds(10_080))
        harness.advance(29)
        #expect(harness.take().isEmpty)
        harness.advance(1)
        // 4 waits for 3 its own time.
        #expect(harness.take() == [2])
        #expect(harness.buffer.nextDeadline == .milliseconds(10_130))
        harness.advance(50)
        #expect(harness.take() == [4])
        #expect(harness.buffer.counters.lost == 2)
    }

    @Test func whatWasGivenUpIsDeliveredLateAndOnlyOnce() {
        var harness = Harness()
        harness.insert(1)
        harness.advance(100)
        #expect(harness.take() == [1])
        #expect(harness.insert(0) == .late)
        #expect(harness.insert(0) == .duplicate)
        #expect(harness.take() == [0])
        #expect(harness.buffer.counters.late == 1)
    }

    @Test func aSecondCopyIsDropped() {
        var harness = Harness()
        harness.insert(0)
        #expect(harness.insert(0) == .duplicate)
        harness.insert(2)
        #expect(harness.insert(2) == .duplicate)
        harness.insert(1)
        #expect(harness.take() == [0, 1, 2])
        #expect(harness.buffer.counters.duplicates == 2)
        #expect(harness.leaked == 0)
    }

    @Test func evidenceReleasesBeforeTheTimeout() {
        var harness = Harness()
        for sequence in [0, 2, 3, 5, 7] as [UInt32] { harness.insert(sequence) }
        harness.buffer.giveUp(before: 5, into: &harness.burst)
        #expect(harness.take() == [0, 2, 3, 5])
        #expect(harness.buffer.held == 1)
        #expect(harness.buffer.counters.lost == 2)
    }

    @Test func fullMeansTheGapIsGivenUp() {
        var harness = Harness()
        for sequence in 1...UInt32(ReorderBuffer.capacity) + 1 { harness.insert(sequence) }
        #expect(harness.take() == Array(1...UInt32(ReorderBuffer.capacity) + 1))
        #expect(harness.buffer.held == 0)
        #expect(harness.buffer.counters.lost == 1)
        #expect(harness.leaked == 0)
    }

    @Test func aForgedNumberStallsNothing() {
        for forged in [50_000, 0x7FFF_FFFF, 0x8000_0000, .max - 5000] as [UInt32] {
            var harness = Harness()
            harness.insert(0)
            #expect(harness.insert(forged, label: 666) == .suspect)
            for sequence in 1...200 as ClosedRange<UInt32> { #expect(harness.insert(sequence) == .inOrder) }
            harness.advance(100)
            #expect(harness.take() == Array(0...200))
            #expect(harness.buffer.counters.stale == 1)
            #expect(harness.buffer.held == 0)
            #expect(harness.leaked == 0)
        }
    }

    @Test func aPairOfForgedNumbersBlindsForNoMoreThanOnePacket() {
        var harness = Harness()
        for sequence in 0..<10 as Range<UInt32> { harness.insert(sequence) }
        harness.insert(1_000_000)
        harness.insert(1_000_001)
        _ = harness.take()
        for sequence in 10..<20 as Range<UInt32> { harness.insert(sequence) }
        #expect(harness.take() == Array(10..<20))
        #expect(harness.leaked == 0)
    }

    @Test func aRestartedPeerIsFollowedAtOnce() {
        var harness = Harness()
        harness.insert(100_000)
        harness.insert(100_001)
        for sequence in 0..<5 as Range<UInt32> { harness.insert(sequence) }
        #expect(harness.take() == [100_000, 100_001, 0, 1, 2, 3, 4])
        // Once to come to 100,000 and once to come back.
        #expect(harness.buffer.counters.resynchronisations == 2)
    }

    @Test func aPeerRestartedSoonAfterItsStartIsFollowed() {
        var harness = Harness()
        for sequence in 0..<300 as Range<UInt32> { harness.insert(sequence) }
        _ = harness.take()
        // After a pause of more than the time-out: at once.
        harness.advance(150)
        for sequence in 0..<3 as Range<UInt32> { harness.insert(sequence) }
        #expect(harness.take() == [0, 1, 2])
        // Without any pause: after a few.
        for sequence in 3..<300 as Range<UInt32> { harness.insert(sequence) }
        _ = harness.take()
        for sequence in 0..<300 as Range<UInt32> { harness.insert(sequence) }
        let delivered = harness.take()
        #expect(delivered == Array(UInt32(ReorderBuffer.repeatsOfRestart - 1)..<300))
        #expect(harness.leaked == 0)
    }

    @Test func aLonelyPacketAfterARestartWaitsForTheTimeoutOnly() {
        var harness = Harness()
        harness.insert(500_000)
        harness.insert(500_001)
        _ = harness.take()
        harness.advance(1000)
        #expect(harness.insert(0) == .suspect)
        harness.advance(99)
        #expect(harness.take().isEmpty)
        harness.advance(1)
        #expect(harness.take() == [0])
        #expect(harness.insert(1) == .inOrder)
    }

    @Test func randomArrivalsMatchASort() {
        for seed in 1...200 as ClosedRange<UInt64> { check(seed: seed) }
    }

    /// Delays, loss and copies at random; the model is a sorted list.
    private func check(seed: UInt64) {
        var generator = Generator(seed: seed)
        var harness = Harness()
        let total: UInt32 = 400
        var arrivals: [(at: Int64, sequence: UInt32)] = []
        var sentOut: Set<UInt32> = []
        let spread = Int64.random(in: 0...120, using: &generator)
        for sequence in 0..<total {
            if Int.random(in: 0..<20, using: &generator) == 0 { continue }
            sentOut.insert(sequence)
            arrivals.append((Int64(sequence) + Int64.random(in: 0...spread, using: &generator), sequence))
            if Int.random(in: 0..<30, using: &generator) == 0 {
                arrivals.append((Int64(sequence) + Int64.random(in: 0...spread, using: &generator), sequence))
            }
        }
        arrivals.sort { ($0.at, $0.sequence) < ($1.at, $1.sequence) }
        var ordered: [UInt32] = []
        var late: [UInt32] = []
        var time: Int64 = 0
        for arrival in arrivals {
            harness.advance(arrival.at - time)
            ordered += harness.take()
            time = arrival.at
            let verdict = harness.insert(arrival.sequence)
            if verdict == .late { late += harness.take() } else { ordered += harness.take() }
        }
        harness.advance(200)
        ordered += harness.take()
        #expect(ordered == ordered.sorted(), "seed \(seed)")
        #expect(Set(ordered).count == ordered.count, "seed \(seed)")
        #expect((ordered + late).sorted() == sentOut.sorted(), "seed \(seed)")
        // Nothing is late if no delay reaches the time-out.
        if spread < 100 { #expect(late.isEmpty && ordered == sentOut.sorted(), "seed \(seed)") }
        #expect(harness.leaked == 0 && harness.buffer.held == 0, "seed \(seed)")
    }

    @Test func randomNumbersNeitherTrapNorLeakNorBlind() {
        for seed in 1...100 as ClosedRange<UInt64> {
            var generator = Generator(seed: seed)
            var harness = Harness()
            var next: UInt32 = 0
            for _ in 0..<500 {
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: harness.insert(UInt32.random(in: 0 ... .max, using: &generator))
                case 1: harness.insert(next &+ UInt32.random(in: 0...3000, using: &generator))
                case 2: harness.insert(next &- UInt32.random(in: 0...3000, using: &generator))
                default:
                    harness.insert(next)
                    next &+= 1
                }
                harness.advance(Int64.random(in: 0...40, using: &generator))
                _ = harness.take()
                #expect(harness.leaked == 0, "seed \(seed)")
            }
            harness.advance(101)
            _ = harness.take()
            // Whatever came, within the time-out the true numbers pass again.
            let start = next
            for _ in 0..<20 {
                harness.insert(next)
                next &+= 1
                harness.advance(10)
            }
            harness.advance(100)
            #expect(harness.take().suffix(10) == Array(start &+ 10..<next)[...], "seed \(seed)")
        }
    }

    /// RFC 5845 §3.3.2: another gateway's packets come with the key of the one before, and with numbers of their own.
    @Test(arguments: [0, 3, 700, 5000, .max - 1] as [UInt32])
    func anotherSendersNumbersAreTakenAsTheyCome(_ first: UInt32) {
        var harness = Harness()
        for sequence in 0..<900 as Range<UInt32> { harness.insert(sequence) }
        harness.insert(901)
        _ = harness.take()
        harness.buffer.changeSender(into: &harness.burst)
        #expect(harness.take() == [901])
        // The first path is the slower one.
        #expect(harness.insert(first &+ 1) == .inOrder)
        #expect(harness.insert(first) == .late)
        #expect(harness.insert(first &+ 2) == .inOrder)
        #expect(harness.insert(first) == .duplicate)
        #expect(harness.take() == [first &+ 1, first, first &+ 2])
        #expect(harness.insert(first &+ 4) == .held)
        #expect(harness.buffer.counters.resynchronisations == 0 && harness.leaked == 0)
    }
}
