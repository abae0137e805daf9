// SPDX-License-Identifier: Apache-2.0

/// A value that wanders between -1 and 1: straight lines between random points, one every 100 ms.
///
/// Delay on a real line changes as queues elsewhere fill and drain, so that neighbouring packets see nearly
/// the same; independent draws would only measure how well a receiver sorts.
struct SlowVariation: Sendable {
    private static let period: Int64 = 100_000_000

    private var begin: Int64 = .min
    private var from = 0.0
    private var to = 0.0

    mutating func value(at now: Int64, _ random: inout SeededGenerator) -> Double {
        if begin == .min || now - begin >= 2 * Self.period {
            from = 2 * random.nextFraction() - 1
            to = 2 * random.nextFraction() - 1
            begin = now
        } else if now - begin >= Self.period {
            from = to
            to = 2 * random.nextFraction() - 1
            begin += Self.period
        }
        return from + (to - from) * Double(now - begin) / Double(Self.period)
    }
}
