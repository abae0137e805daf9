// SPDX-License-Identifier: Apache-2.0
import Wire

/// How often an engine is called for its deadlines, and how much it says, in one virtual second: an engine that is
/// always due, or two that answer each other for ever, would keep a machine busy.
struct Pace: Sendable {
    private static let mostTurns = 60
    private static let mostMessages = 120

    private var since = Instant.zero
    private var turns = 0
    private var messages = 0

    /// What is wrong with it, if anything is.
    mutating func turned(dueToDeadline isDue: Bool, sending count: Int, at now: Instant) -> String? {
        if now - since >= .seconds(1) { self = Pace(since: now) }
        turns += isDue ? 1 : 0
        messages += count
        if turns > Self.mostTurns { return "\(turns) deadlines within a second" }
        return messages > Self.mostMessages ? "\(messages) messages within a second" : nil
    }

    init(since: Instant = .zero) { self.since = since }
}
