import Mobility
// SPDX-License-Identifier: Apache-2.0
import Testbed
import Testing
import Wire

/// The engines' tables against naive ones.
@Suite struct TableTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func deadlinesComeInOrderAndOnlyTheirLatestValue(_ seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var queue = DeadlineQueue<Int>()
        var model: [Int: Instant] = [:]
        for _ in 0..<500 {
            let key = Int.random(in: 0..<12, using: &dice)
            let instant = Instant(nanoseconds: Int64.random(in: 0..<50, using: &dice))
            switch Int.random(in: 0..<4, using: &dice) {
            case 0, 1:
                queue.set(key, at: instant)
                model[key] = instant
            case 2:
                queue.cancel(key)
                model[key] = nil
            default:
                let earliest = model.values.min()
                let popped = queue.popDue(at: instant)
                #expect((popped != nil) == (earliest.map { $0 <= instant } ?? false))
                if let popped {
                    let value = model.removeValue(forKey: popped)
                    #expect(value == earliest)
                }
            }
            #expect(queue.next == model.values.min())
            #expect(queue.count == model.count)
        }
    }

    /// What an entry would hold on to, were it left behind.
    private final class Witness: Sendable {}

    private struct WitnessedKey: Hashable, Sendable {
        var number: Int
        var witness: Witness

        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
        func hash(into hasher: inout Hasher) { hasher.combine(number) }
    }

    @Test func neitherACancelledDeadlineNorAMovedOneLeavesAnythingBehind() {
        var queue = DeadlineQueue<WitnessedKey>()
        weak var cancelled: Witness?
        weak var moved: Witness?
        queue.set(WitnessedKey(number: 1, witness: Witness()), at: Instant(nanoseconds: 1))
        do {
            let witness = Witness()
            cancelled = witness
            queue.set(WitnessedKey(number: 2, witness: witness), at: Instant(nanoseconds: 10))
            queue.cancel(WitnessedKey(number: 2, witness: Witness()))
        }
        #expect(cancelled == nil)
        // An hour's lifetime, refreshed every minute: the key that was named first is the one that is kept.
        for minute in 0..<60 {
            let witness = Witness()
            if minute > 0 { moved = witness }
            queue.set(WitnessedKey(number: 3, witness: witness), at: Instant(nanoseconds: Int64(100 + minute)))
        }
        #expect(moved == nil)
        #expect(queue.count == 2)
    }

    @Test(arguments: [
        ("2001:db8::/32", 56), ("2001:db8::/48", 64), ("2001:db8::/60", 64), ("2001:db8:0:1::/64", 80),
        ("2001:db8::/120", 128), ("10.0.0.0/8", 24), ("10.1.0.0/16", 32), ("2001:db8::/64", 64), ("::/0", 48),
    ])
    func poolKnowsTheNumberOfEachOfItsPrefixes(_ range: String, _ length: Int) throws {
        let pool = PrefixPool(range: ExampleDomain.prefix(range), length: length)
        for index in [0, 1, 2, 7, 15, 100, 255] as [UInt64] where index < pool.count ?? .max {
            let prefix = try #require(pool.range.subprefix(length: length, at: index))
            #expect(pool.index(of: prefix) == index)
        }
        #expect(pool.index(of: pool.range) == (Int(pool.range.length) == length ? 0 : nil))
        #expect(pool.index(of: ExampleDomain.prefix("3fff::/48")) == (range == "::/0" ? 0x3FFF_0000_0000 : nil))
    }

    @Test func lowestFreePrefixIsHandedOutOnce() throws {
        var allocator = PrefixAllocator(pool: PrefixPool(range: ExampleDomain.prefix("10.0.0.0/22"), length: 24))
        let taken = ExampleDomain.prefix("10.0.1.0/24")
        let claims = [taken, taken, ExampleDomain.prefix("10.0.1.0/25")].map { allocator.claim($0) }
        #expect(claims == [true, false, false])
        let others = (0..<3).compactMap { _ in allocator.allocate()?.description }
        #expect(others == ["10.0.0.0/24", "10.0.2.0/24", "10.0.3.0/24"])
        let none = allocator.allocate()
        allocator.release(taken)
        allocator.release(taken)
        let again = [allocator.allocate(), allocator.allocate()]
        #expect(none == nil && again == [taken, nil])
    }
}
