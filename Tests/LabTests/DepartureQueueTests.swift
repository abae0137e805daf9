import Lab
// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

struct DepartureQueueTests {
    @Test func `frames come out by departure, and equal ones as they came`() {
        var queue = DepartureQueue()
        var random = SeededGenerator(seed: 3)
        var expected: [(Int64, Int32)] = []
        var popped: [(Int64, Int32)] = []
        for slot in 0..<Int32(2000) {
            let departure = Int64(slot / 4) + Int64(random.next() % 30)
            expected.append((departure, slot))
            queue.insert(.init(departure: Instant(nanoseconds: departure), slot: slot, octets: 1))
            // Taking some out in between makes the ring turn.
            if slot % 3 == 0, let frame = queue.popFirst(dueBy: Instant(nanoseconds: Int64(slot / 4) - 1)) {
                popped.append((frame.departure.nanoseconds, frame.slot))
            }
        }
        while let frame = queue.popFirst(dueBy: .never) { popped.append((frame.departure.nanoseconds, frame.slot)) }
        expected.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
        #expect(popped.count == 2000)
        #expect(zip(popped, expected).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 })
        #expect(queue.nextDeparture == .never)
    }

    @Test func `nothing comes out before its time`() {
        var queue = DepartureQueue()
        queue.insert(.init(departure: Instant(nanoseconds: 100), slot: 1, octets: 60))
        let early = queue.popFirst(dueBy: Instant(nanoseconds: 99))
        #expect(early?.slot == nil)
        #expect(queue.nextDeparture == Instant(nanoseconds: 100))
        let due = queue.popFirst(dueBy: Instant(nanoseconds: 100))
        #expect(due?.slot == 1)
    }
}
