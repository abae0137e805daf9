// SPDX-License-Identifier: Apache-2.0
import Wire

/// Keeps what anybody can cause from filling the operator's log: told at once, then at most every ten seconds with the
/// number of times in between. Counters count every time.
struct NoticeLimit<Cause: Hashable & Sendable>: Sendable {
    private struct History: Sendable {
        var nextAt: Instant
        var untold = 0
    }

    /// The causes are few: reasons, and statuses of configured peers.
    private var histories: [Cause: History] = [:]

    /// How often it was kept back since it was told last; nil: to be kept back now as well.
    mutating func untold(_ cause: Cause, at now: Instant) -> Int? {
        if let history = histories[cause], now < history.nextAt {
            histories[cause]?.untold += 1
            return nil
        }
        let untold = histories[cause]?.untold ?? 0
        histories[cause] = History(nextAt: now + .seconds(10))
        return untold
    }
}
