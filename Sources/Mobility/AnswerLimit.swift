// SPDX-License-Identifier: Apache-2.0
import Wire

/// Bounds what is answered to senders who have proved nothing, and whose address may be somebody else's: ten messages
/// a second in all, so that an engine neither floods nor signs for a stranger.
struct AnswerLimit: Sendable {
    private var nextAt = Instant(nanoseconds: .min)

    mutating func admits(at now: Instant) -> Bool {
        guard now >= nextAt else { return false }
        nextAt = now + .milliseconds(100)
        return true
    }
}
