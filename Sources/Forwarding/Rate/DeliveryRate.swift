// SPDX-License-Identifier: Apache-2.0

/// What a path delivered, in bits per second by the clock of the end where it arrived.
struct DeliveryRate: Equatable, Sendable {
    private struct Mark: Equatable {
        var octets: UInt64
        var at: Double
    }

    /// A power of two.
    private static let capacity = 128
    private static let spacing = 0.008
    /// A pause in the traffic: what was before says nothing about now.
    private static let pause = 0.3
    private static let memory = 2.0

    private var marks: [Mark] = []
    private var count = 0
    /// By our clock.
    private var newsAt = -Double.infinity
    private var highest = (current: 0.0, previous: 0.0, end: -Double.infinity)

    static func == (a: Self, b: Self) -> Bool { a.marks == b.marks && a.count == b.count && a.newsAt == b.newsAt }

    mutating func note(_ octets: UInt64, arrivedAt: Double, at now: Double) {
        let mark = Mark(octets: octets, at: arrivedAt)
        if marks.isEmpty { marks = Array(repeating: mark, count: Self.capacity) }
        guard count > 0 else { return append(mark, at: now) }
        let last = self[0]
        guard octets != last.octets else { return }
        // Counters that run back are those of another life.
        if octets < last.octets || arrivedAt < last.at || arrivedAt - last.at > Self.pause { count = 0 }
        if count > 1, arrivedAt - self[1].at < Self.spacing {
            marks[(count - 1) % Self.capacity] = mark
            newsAt = now
        } else {
            append(mark, at: now)
        }
    }

    private mutating func append(_ mark: Mark, at now: Double) {
        marks[count % Self.capacity] = mark
        count += 1
        newsAt = now
    }

    /// The newest is 0.
    private subscript(age: Int) -> Mark { marks[(count - 1 - age) % Self.capacity] }

    /// Over at least this time up to the last arrival; nil: nothing is known of so long, or of now.
    func rate(over time: Double, at now: Double) -> Double? {
        guard now - newsAt < Self.pause else { return nil }
        for age in 1..<max(1, min(count, Self.capacity)) where self[0].at - self[age].at >= time {
            return Double(self[0].octets - self[age].octets) * 8 / (self[0].at - self[age].at)
        }
        return nil
    }

    // MARK: The highest of late

    mutating func notePeak(_ rate: Double, at now: Double) {
        if now >= highest.end {
            highest.previous = max(highest.current, 0.7 * highest.previous)
            highest.current = 0
            highest.end = now + Self.memory
        }
        highest.current = max(highest.current, rate)
    }

    /// It has turned out that the path carries this and no more.
    mutating func setPeak(_ rate: Double, at now: Double) { highest = (rate, rate, now + Self.memory) }

    var peak: Double { max(highest.current, highest.previous) }
}
