// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Whether a path that failed has been back for long enough for flows to return to it: a line that comes and goes
/// shall not take them along each time.
package struct Steadiness: Equatable, Sendable {
    /// How long a path that failed once has to stay.
    package static let shortest = Duration.seconds(2)
    package static let longest = Duration.seconds(60)
    /// A failure that comes within this time of the one before doubles the wait.
    package static let memory = Duration.seconds(60)

    /// From when on flows may return; in the past for a path that never failed.
    package private(set) var settles = Instant(nanoseconds: .min)
    private var lastFailure: Instant?
    private var wait = Steadiness.shortest

    package init() {}

    package mutating func failed(at now: Instant) {
        // A path that is silent already, and now its link goes: that is one failure.
        guard settles != .never else { return }
        if let lastFailure, now - lastFailure < Self.memory {
            wait = min(wait * 2, Self.longest)
        } else {
            wait = Self.shortest
        }
        lastFailure = now
        settles = .never
    }

    /// It carries packets again.
    package mutating func returned(at now: Instant) {
        if settles == .never { settles = now + wait }
    }

    /// Whether it does not carry packets any more since less than a second ago.
    package func hasFailedLately(at now: Instant) -> Bool {
        settles == .never && lastFailure.map { now - $0 < .seconds(1) } ?? false
    }

    /// Whether packets that others could carry may take it: one that fails again and again is left alone for as long as flows
    /// are kept from it; after a single failure it is used as soon as it is back.
    package func isReliable(at now: Instant) -> Bool { wait == Self.shortest || isSettled(at: now) }

    package func isSettled(at now: Instant) -> Bool { now >= settles }
}
