// SPDX-License-Identifier: Apache-2.0
import Wire

/// Whether a path is left alone because it does more harm than good: it loses too much, or carries next to nothing beside
/// the others. It is tried again after a while, and after a longer one each time that it fails soon.
struct Quarantine: Sendable {
    /// Share of packets lost; less than that is repaired.
    static let worstLoss = 0.12
    /// Of what the usable paths carry together.
    static let leastShare = 0.02

    private var steadiness = Steadiness()
    private(set) var isClosed = false

    mutating func close(at now: Instant) {
        steadiness.failed(at: now)
        steadiness.returned(at: now)
        isClosed = true
    }

    /// Whether it is time to try it again.
    mutating func opens(at now: Instant) -> Bool {
        guard isClosed, steadiness.isSettled(at: now) else { return false }
        isClosed = false
        return true
    }
}
