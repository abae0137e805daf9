import Lab
// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

/// The line's model in virtual time.
struct EmulatedDirectionTests {
    private func line(_ text: String, seed: UInt64 = 1) throws -> EmulatedDirection {
        EmulatedDirection(try LinkChanges(commaSeparated: text).applied(to: LinkSettings()), seed: seed)
    }

    private func at(_ microseconds: Int64) -> Instant { Instant(nanoseconds: microseconds * 1000) }

    private func arrival(_ verdict: EmulatedDirection.Verdict) -> Instant? {
        if case .departs(let instant) = verdict { instant } else { nil }
    }

    @Test func `packets leave at the line's pace, after the delay`() throws {
        var line = try line("rate=12mbit,delay=20ms")
        // 1500 octets take 1 ms at 12 Mbit/s.
        #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(21_000)))
        #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(22_000)))
        #expect(line.offer(octets: 750, at: at(100)) == .departs(at: at(22_500)))
        // A line at rest begins anew.
        #expect(line.offer(octets: 1500, at: at(50_000)) == .departs(at: at(71_000)))
        #expect(line.counters.frames == 4)
        #expect(line.counters.octets == 5250)
    }

    @Test func `a line without rate only delays`() throws {
        var line = try line("delay=5ms")
        for _ in 0..<1000 { #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(5000))) }
    }

    @Test func `a burst beyond the queue's time is dropped at the tail`() throws {
        var line = try line("rate=12mbit,queue=10ms")
        let verdicts = (0..<20).map { _ in line.offer(octets: 1500, at: at(0)) }
        #expect(verdicts.prefix(10).allSatisfy { arrival($0) != nil })
        #expect(verdicts.dropFirst(10).allSatisfy { $0 == .dropped(.queue) })
        #expect(line.counters.droppedByQueue == 10)
        // One packet has gone: there is room for one.
        #expect(line.offer(octets: 1500, at: at(1000)) == .departs(at: at(11_000)))
        #expect(line.offer(octets: 1500, at: at(1000)) == .dropped(.queue))
    }

    @Test func `a queue in octets holds that many, whatever the rate`() throws {
        for rate in ["1mbit", "100mbit"] {
            var line = try line("rate=\(rate),queue=15kB")
            let taken = (0..<30).filter { _ in arrival(line.offer(octets: 1000, at: at(0))) != nil }.count
            #expect(taken == 15)
        }
    }

    @Test func `a line at rest takes a packet even without a queue`() throws {
        var line = try line("rate=12mbit,queue=0ms")
        #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(1000)))
        #expect(line.offer(octets: 1500, at: at(500)) == .dropped(.queue))
        #expect(line.offer(octets: 1500, at: at(1000)) == .departs(at: at(2000)))
    }

    @Test func `an outage drops everything until it ends`() throws {
        var line = try line("delay=1ms,outage=on")
        for time in 0..<10 { #expect(line.offer(octets: 100, at: at(Int64(time))) == .dropped(.outage)) }
        line.settings.outage = false
        #expect(line.offer(octets: 100, at: at(20)) == .departs(at: at(1020)))
        #expect(line.counters.droppedByOutage == 10)
    }

    @Test func `random loss comes near its share, and is the same for the same seed`() throws {
        func lost(_ seed: UInt64) throws -> [Int] {
            var line = try line("loss=5%", seed: seed)
            return (0..<10_000).filter { line.offer(octets: 100, at: at(Int64($0))) == .dropped(.loss) }
        }
        let first = try lost(7)
        #expect((400...600).contains(first.count))
        #expect(try lost(7) == first)
        #expect(try lost(8) != first)
        var dead = try line("loss=100%")
        #expect(dead.offer(octets: 100, at: at(0)) == .dropped(.loss))
    }

    @Test func `lost packets have used the line`() throws {
        var line = try line("rate=12mbit,loss=100%")
        _ = line.offer(octets: 1500, at: at(0))
        line.settings.loss = 0
        #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(2000)))
    }

    @Test func `jitter stays within its bounds, varies, and keeps the order`() throws {
        var line = try line("delay=20ms,jitter=5ms")
        var last = Instant.zero
        var delays: [Int64] = []
        for step in 0..<5000 {
            let now = at(Int64(step) * 1000)
            let departure = try #require(arrival(line.offer(octets: 1500, at: now)))
            #expect(departure >= last)
            last = departure
            delays.append((departure - now).wholeNanoseconds / 1000)
        }
        let least = try #require(delays.min())
        let most = try #require(delays.max())
        #expect(least >= 15_000 && least < 17_000)
        #expect(most <= 25_000 && most > 23_000)
        // Slow: neighbours see nearly the same, 10 ms in 100 ms at most.
        #expect(zip(delays, delays.dropFirst()).allSatisfy { abs($0 - $1) <= 101 })
    }

    @Test func `packets overtake one another only where reordering is on`() throws {
        var line = try line("delay=20ms,jitter=5ms,reordering=on")
        let departures = (0..<1000).compactMap { arrival(line.offer(octets: 100, at: at(Int64($0) * 1000))) }
        #expect(departures.count == 1000)
        #expect(departures != departures.sorted())
    }

    @Test func `a shorter delay does not let later packets overtake`() throws {
        var line = try line("delay=20ms")
        #expect(line.offer(octets: 100, at: at(0)) == .departs(at: at(20_000)))
        line.settings.delay = .milliseconds(1)
        #expect(line.offer(octets: 100, at: at(10)) == .departs(at: at(20_000)))
        #expect(line.offer(octets: 100, at: at(30_000)) == .departs(at: at(31_000)))
    }

    @Test func `a new rate holds from the next packet on`() throws {
        var line = try line("rate=12mbit")
        #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(1000)))
        line.settings.rate = 24_000_000
        #expect(line.offer(octets: 1500, at: at(0)) == .departs(at: at(1500)))
        line.settings.rate = nil
        #expect(line.offer(octets: 1500, at: at(5000)) == .departs(at: at(5000)))
    }

    @Test func `a saturated line delivers its rate to the octet`() throws {
        var line = try line("rate=50mbit,queue=20ms")
        var last = Instant.zero
        for step in 0..<20_000 {  // 120 Mbit/s offered for 2 s
            if let departure = arrival(line.offer(octets: 1500, at: at(Int64(step) * 100))) { last = departure }
        }
        let rate = Double(line.counters.octets) * 8 / (Double(last.nanoseconds) / 1e9)
        #expect(abs(rate - 50e6) < 1000)
        #expect(line.counters.droppedByQueue > 10_000)
    }
}
