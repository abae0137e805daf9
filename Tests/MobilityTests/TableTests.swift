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
