// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Whether a path is left alone because it does more harm than good: it loses too much, carries next to nothing beside the
/// others, or is so late that nobody waits for it. It is put to a trial after a while, and after a longer one each time that
/// it fails again.
package struct Quarantine: Sendable {
    /// Share of packets lost; less than that is repaired.
    static let worstLoss = 0.12
    /// Of the copies in a trial: these may be a hundred, which have luck now and then.
    static let acceptedLoss = 0.06
    /// Of what the usable paths carry together.
    static let leastShare = 0.06
    /// Of what a path that comes and goes carries: what the others have to carry for it to be left alone.
    static let sparingShare = 0.5
    /// How much later than the quickest path's: the peer gives up what is missing for so long.
    static let longestLag = Duration.milliseconds(350)
    /// What may wait on the line of one that is tried.
    static let longestQueue = Duration.milliseconds(100)
    /// For how long what is under way may have to come out before anything new goes over the path.
    static let longestSuspicion = Duration.milliseconds(500)

    /// What is wrong with the path.
    package enum Reason: Sendable {
        /// Whatever takes it is lost or late.
        case harmful
        /// It is right for thin and pinned flows, and not worth having in a bundle.
        case weak
    }

    /// Until the first trial; what fails again within the memory waits twice as long.
    private static let shortestWait = Duration.milliseconds(500)
    private static let longestWait = Duration.seconds(60)
    private static let memory = Duration.seconds(60)

    package private(set) var reason: Reason?
    private var wait = shortestWait
    private var ends = Instant.zero

    package var trial: PathTrial?

    package var isClosed: Bool { reason != nil }

    package init() {}

    /// Whether the wait is over.
    package func isDue(at now: Instant) -> Bool { isClosed && trial == nil && now >= ends }

    package mutating func close(_ reason: Reason, at now: Instant) {
        let isRepeated = ends > .zero && now - ends < Self.memory
        wait = isRepeated ? min(wait * 2, Self.longestWait) : Self.shortestWait
        ends = now + wait
        self.reason = reason
        trial = nil
    }

    package mutating func open() {
        reason = nil
        trial = nil
    }
}
