// SPDX-License-Identifier: Apache-2.0
import Wire

/// How many segments a sender may have on their way: CUBIC (RFC 9438) with a slow start that ends when delays rise
/// (HyStart), as Linux has them.
struct CubicWindow {
    private static let beta = 0.7
    private static let scale = 0.4
    /// HyStart looks at so many samples of a round.
    private static let samplesToSee = 8

    private(set) var segments = 10.0
    private(set) var threshold = Double.infinity
    private var maximum = 0.0
    private var epoch: Instant?
    private var origin = 0.0
    private var timeToOrigin = 0.0
    private var renoEstimate = 0.0
    private var roundEnd = 0
    private var samples = 0
    private var roundMinimum = Duration.seconds(1000)
    private var before: (segments: Double, threshold: Double, maximum: Double)?

    var isSlowStart: Bool { segments < threshold }

    /// Segments were acknowledged while the window was used up.
    mutating func acknowledged(
        _ count: Int,
        sample: Duration?,
        minimum: Duration,
        smoothed: Duration,
        nextNew: Int,
        acknowledged: Int,
        at now: Instant
    ) {
        guard isSlowStart else { return grow(Double(count), minimum: minimum, smoothed: smoothed, at: now) }
        segments += Double(count)
        if acknowledged >= roundEnd {
            roundEnd = nextNew
            samples = 0
            roundMinimum = .seconds(1000)
        }
        guard let sample, segments >= 16, samples < Self.samplesToSee else { return }
        samples += 1
        roundMinimum = min(roundMinimum, sample)
        let allowance = min(max(minimum / 8, .milliseconds(4)), .milliseconds(16))
        if samples == Self.samplesToSee, roundMinimum > minimum + allowance { threshold = segments }
    }

    private mutating func grow(_ count: Double, minimum: Duration, smoothed: Duration, at now: Instant) {
        let start: Instant
        if let epoch {
            start = epoch
        } else {
            epoch = now
            start = now
            renoEstimate = segments
            origin = max(maximum, segments)
            timeToOrigin = Self.cubeRoot((origin - segments) / Self.scale)
        }
        let time = Self.seconds(now - start) + Self.seconds(minimum)
        let distance = time - timeToOrigin
        let target = min(origin + Self.scale * distance * distance * distance, segments * 1.5)
        // At least a little, so that the window finds new room.
        let growth = target > segments ? (target - segments) / segments * count : count / (100 * segments)
        // Before any loss Linux grows by a twentieth a round trip at least: nothing is known of what the way carries.
        segments += maximum == 0 ? max(growth, count / 20) : growth
        renoEstimate += 3 * (1 - Self.beta) / (1 + Self.beta) * count / segments
        segments = max(segments, renoEstimate)
    }

    /// A loss, once a recovery. RFC 9438 §4.6, §4.7
    mutating func reduce() {
        before = (segments, threshold, maximum)
        maximum = segments < maximum ? segments * (1 + Self.beta) / 2 : segments
        threshold = max(2, segments * Self.beta)
        epoch = nil
    }

    /// Within a recovery: what may be on its way now.
    mutating func hold(at segments: Double) { self.segments = max(1, segments) }

    mutating func endRecovery() { segments = min(max(2, threshold), max(segments, threshold)) }

    mutating func timedOut() {
        reduce()
        segments = 1
    }

    /// All that was sent again was superfluous.
    mutating func undo() {
        guard let before else { return }
        (segments, threshold, maximum) = (max(segments, before.segments), before.threshold, before.maximum)
        self.before = nil
        epoch = nil
    }

    private static func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e9 }

    /// By Newton's method: pure code has no mathematics library.
    private static func cubeRoot(_ value: Double) -> Double {
        guard value > 0 else { return 0 }
        var root = max(1, value / 3)
        for _ in 0..<40 { root -= (root * root * root - value) / (3 * root * root) }
        return root
    }
}
