// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the paths carried together of late. Who fills that is not told to send less because a line falters: most are back
/// within seconds, and a window that has shrunk takes many more to grow again. Meanwhile its packets wait.
package struct RecentCapacity: Sendable {
    /// In seconds: remembered as it was, and then less and less.
    private static let memory = 2.0
    private static let fading = 4.0
    private static let longest = Duration.seconds(1)

    private var peak = 0.0
    private var time = Duration.zero
    private var at = Instant.zero

    package init() {}

    /// Bits per second, and for how long a window has them under way or waiting.
    package mutating func note(_ rate: Double, _ time: Duration, at now: Instant) {
        guard rate >= remembered(at: now) else { return }
        (peak, self.time, at) = (rate, time, now)
    }

    private func remembered(at now: Instant) -> Double {
        let age = (now - at).inSeconds - Self.memory
        return peak * min(1, max(0, 1 - age / Self.fading))
    }

    /// How much longer than else something may wait while the paths carry so much: until a window for what they carried has
    /// got through.
    package func patience(with rate: Double, at now: Instant) -> Duration {
        let more = remembered(at: now) / max(1, rate) - 1
        return max(.zero, min(Self.longest, Duration(inSeconds: time.inSeconds * more)))
    }
}
