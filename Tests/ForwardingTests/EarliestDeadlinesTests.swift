// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Testing
import Wire

@Suite struct EarliestDeadlinesTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func earliestAndDueAreThoseOfAPlainList(_ seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var deadlines = EarliestDeadlines()
        var model: [Instant] = []
        for _ in 0..<2000 {
            let instant =
                Int.random(in: 0..<5, using: &dice) == 0
                ? Instant.never : Instant(nanoseconds: Int64.random(in: 0..<1000, using: &dice))
            if model.count < 700, Bool.random(using: &dice) {
                deadlines.append(instant)
                model.append(instant)
            } else if let place = model.indices.randomElement(using: &dice) {
                deadlines[place] = instant
                model[place] = instant
            }
            #expect(deadlines.first == model.min() ?? .never)
        }
        for now in [0, 10, 500, 1000].map({ Instant(nanoseconds: $0) }) {
            var found: [Int] = []
            while let place = deadlines.due(at: now, from: found.last.map { $0 + 1 } ?? 0) { found.append(place) }
            #expect(found == model.indices.filter { model[$0] <= now })
        }
    }
}
