// SPDX-License-Identifier: Apache-2.0

/// A rate that a path was cut to because a queue seemed to stand on it. Where that was the delay wandering of itself more is
/// delivered soon, which a path that was full cannot do.
struct DoubtedCut: Equatable, Sendable {
    private static let time = 1.5
    /// Until what arrives left after the cut.
    private static let pause = 0.05
    private static let contradiction = 1.1

    /// The rate before, and the one that was delivered.
    let from: Double
    let to: Double
    /// What seemed to wait, seconds, ahead of what left then.
    let queue: Double
    let departure: Double
    let whileStarting: Bool
    private let cutAt: Double

    init(from: Double, to: Double, queue: Double, of departure: Double, whileStarting: Bool, at now: Double) {
        (self.from, self.to, self.queue, self.departure) = (from, to, queue, departure)
        (self.whileStarting, cutAt) = (whileStarting, now)
    }

    /// `delivered`: of late; `tried`: what is thought to be carried or sent now.
    func isContradicted(by delivered: Double, _ tried: Double, at now: Double) -> Bool {
        now > cutAt + Self.pause && now < cutAt + Self.time && delivered > Self.contradiction * max(to, tried)
    }
}
