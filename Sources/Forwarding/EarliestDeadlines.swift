// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A deadline for each place, and quickly the earliest of all: with very many sessions, looking at every one after every
/// packet and every command would be most of the worker's time.
package struct EarliestDeadlines: Sendable {
    /// Places that are looked through together.
    private static let width = 256

    private var deadlines: [Instant] = []
    /// Of each run of `width` places.
    private var earliest: [Instant] = []

    package init() {}

    /// `.never` if there is none.
    package var first: Instant { earliest.min() ?? .never }

    package mutating func append(_ deadline: Instant) {
        if deadlines.count % Self.width == 0 { earliest.append(.never) }
        deadlines.append(.never)
        self[deadlines.count - 1] = deadline
    }

    package subscript(place: Int) -> Instant {
        get { deadlines[place] }
        set {
            let old = deadlines[place]
            deadlines[place] = newValue
            let block = place / Self.width
            if newValue <= earliest[block] {
                earliest[block] = newValue
            } else if old == earliest[block] {
                earliest[block] = deadlines[places(of: block)].min() ?? .never
            }
        }
    }

    /// The first place from the given one on whose deadline has come.
    package func due(at now: Instant, from start: Int) -> Int? {
        var place = start
        while place < deadlines.count {
            let block = place / Self.width
            if earliest[block] <= now {
                let end = places(of: block).upperBound
                if let found = deadlines[place..<end].firstIndex(where: { $0 <= now }) { return found }
            }
            place = (block + 1) * Self.width
        }
        return nil
    }

    private func places(of block: Int) -> Range<Int> {
        block * Self.width..<min(deadlines.count, (block + 1) * Self.width)
    }
}
