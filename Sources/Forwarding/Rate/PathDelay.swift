// SPDX-License-Identifier: Apache-2.0

/// How long a path takes one way beyond the least that it took of late, which is what waits on it, and how far that wanders
/// of itself. In seconds; the clocks of the two ends need not agree, since only differences count.
struct PathDelay: Equatable, Sendable {
    private struct Sample: Equatable {
        var at: Double
        var delay: Double
    }

    /// The least of the last one to two of these is the base.
    private static let baseTime = 4.0
    /// Samples nearer to each other are one: the smaller.
    private static let spacing = 0.010
    /// A power of two; more than the longest look back needs.
    private static let capacity = 256
    /// Differences are taken over fixed times: between reports that come twice as often they would be half as large.
    private static let jitterSpacing = 0.018
    private static let jitterTime = 0.6
    /// As far as that where samples are sparse, as on a path that carries nothing.
    private static let longestJitterTime = 1.5
    private static let fewSamples = 12
    /// What our own sending makes of a queue shall not be taken for more.
    private static let largestDifference = 0.006
    private static let jitteryAbove = 0.0015

    /// The newest last, in a ring.
    private var samples: [Sample] = []
    private var count = 0
    private var current = Double.infinity
    private var previous = Double.infinity
    private var bucketEnd = -Double.infinity
    private var learntAt = -Double.infinity
    /// How much the delay wanders without our doing.
    private(set) var jitter = 0.0

    var isJittery: Bool { jitter > Self.jitteryAbove }

    /// The least of late; nil before the first sample.
    var base: Double? {
        let least = min(current, previous)
        return least.isFinite ? least : nil
    }

    /// `calmFor`: how long the path has been carrying next to nothing; nil: it is loaded. Returns whether a new search for
    /// the base begins.
    mutating func note(_ delay: Double, at now: Double, calmFor: Double?) -> Bool {
        append(Sample(at: now, delay: delay))
        let begins = now >= bucketEnd
        if begins {
            // After a long silence nothing is known any more.
            previous = now >= bucketEnd + Self.baseTime ? .infinity : current
            current = .infinity
            bucketEnd = now + Self.baseTime
        }
        current = min(current, delay)
        learn(at: now, calmFor: calmFor)
        return begins
    }

    private mutating func append(_ sample: Sample) {
        if samples.isEmpty { samples = Array(repeating: sample, count: Self.capacity) }
        if count > 0, sample.at - self[0].at < Self.spacing {
            let place = (count - 1) % Self.capacity
            samples[place].delay = min(samples[place].delay, sample.delay)
        } else {
            samples[count % Self.capacity] = sample
            count += 1
        }
    }

    /// The newest is 0.
    private subscript(age: Int) -> Sample { samples[(count - 1 - age) % Self.capacity] }

    private var known: Int { min(count, Self.capacity) }

    /// The least queue within the time, which stood all the while: a look back to the last sample before it.
    func queue(within time: Double, at now: Double) -> Double {
        guard let base else { return 0 }
        var least = Double.infinity
        for age in 0..<known {
            least = min(least, self[age].delay)
            if now - self[age].at >= time { break }
        }
        return max(0, least - base)
    }

    /// What the newest sample found.
    var latestQueue: Double { base.map { count > 0 ? max(0, self[0].delay - $0) : 0 } ?? 0 }

    /// Jitter is learnt while the path is calm: a queue that swings by our own sending looks just like it. Under load it may
    /// only turn out to be less.
    private mutating func learn(at now: Double, calmFor: Double?) {
        guard now - learntAt >= Self.jitterSpacing, let found = wandering(at: now) else { return }
        learntAt = now
        if let calmFor, calmFor >= Self.jitterTime {
            jitter += (found - jitter) * (found > jitter ? 0.3 : 0.05)
        } else if found < jitter {
            jitter += (found - jitter) * 0.01
        }
    }

    /// Something has shown that what seemed to be a queue was none.
    mutating func learnUnderLoad(at now: Double) {
        if let found = wandering(at: now) { jitter = max(jitter, found) }
    }

    /// The mean difference between samples of late.
    private func wandering(at now: Double) -> Double? {
        var total = 0.0
        var pairs = 0
        var ages: [Int] = []
        ages.reserveCapacity(Self.capacity)
        for age in 0..<known {
            let past = now - self[age].at
            guard past <= (ages.count < Self.fewSamples ? Self.longestJitterTime : Self.jitterTime) else { break }
            if let last = ages.last, self[last].at - self[age].at < Self.jitterSpacing { continue }
            for other in ages {
                total += min(Self.largestDifference, abs(self[other].delay - self[age].delay))
                pairs += 1
            }
            ages.append(age)
        }
        return pairs >= 6 ? total / Double(pairs) : nil
    }
}
