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
    /// The straight line is drawn between samples that many places earlier and later.
    private static let lineSamples = 3
    /// Where the delay wanders of itself, the mean difference between two samples is at most so many times the mean distance from
    /// that line.
    private static let differenceToDistance = 2.5
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
        guard now - learntAt >= Self.jitterSpacing else { return }
        let recent = recent(at: now)
        guard let found = Self.wandering(recent) else { return }
        learntAt = now
        if let calmFor, calmFor >= Self.jitterTime {
            jitter += (found - jitter) * (found > jitter ? 0.3 : 0.05)
        } else {
            let most = Self.unsteadiness(recent).map { min(found, Self.differenceToDistance * $0) } ?? found
            if most < jitter { jitter += (most - jitter) * 0.01 }
        }
    }

    /// Something has shown that what seemed to be a queue was none.
    mutating func learnUnderLoad(at now: Double) {
        if let found = Self.wandering(recent(at: now)) { jitter = max(jitter, found) }
    }

    /// The samples that tell of the jitter, the newest first.
    private func recent(at now: Double) -> [Sample] {
        var recent: [Sample] = []
        recent.reserveCapacity(Self.capacity)
        for age in 0..<known {
            let sample = self[age]
            let time = recent.count < Self.fewSamples ? Self.longestJitterTime : Self.jitterTime
            guard now - sample.at <= time else { break }
            if let last = recent.last, last.at - sample.at < Self.jitterSpacing { continue }
            recent.append(sample)
        }
        return recent
    }

    /// The mean difference between any two.
    private static func wandering(_ samples: [Sample]) -> Double? {
        guard samples.count >= 4 else { return nil }
        var total = 0.0
        for one in samples.indices {
            for other in 0..<one { total += min(largestDifference, abs(samples[other].delay - samples[one].delay)) }
        }
        return total / Double(samples.count * (samples.count - 1) / 2)
    }

    /// The mean distance from the straight line between an earlier and a later one: our own queue grows and goes steadily,
    /// so that hardly anything of it is left here.
    private static func unsteadiness(_ samples: [Sample]) -> Double? {
        let middles = lineSamples..<max(lineSamples, samples.count - lineSamples)
        guard middles.count >= 4 else { return nil }
        var total = 0.0
        for middle in middles {
            let sample = samples[middle]
            let (earlier, later) = (samples[middle + lineSamples], samples[middle - lineSamples])
            let share = (sample.at - earlier.at) / (later.at - earlier.at)
            let expected = earlier.delay + (later.delay - earlier.delay) * share
            total += min(largestDifference, abs(sample.delay - expected))
        }
        return total / Double(middles.count)
    }
}
