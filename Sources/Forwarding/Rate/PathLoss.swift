// SPDX-License-Identifier: Apache-2.0

/// Which share of what a path was given it lost.
struct PathLoss: Equatable, Sendable {
    /// Before a share means anything.
    private static let fewest = 60
    private static let shortest = 0.1
    /// What is older than that counts a third.
    private static let memory = 0.7

    /// Smoothed over some blocks.
    private(set) var share = 0.0
    /// Of the last whole block.
    private(set) var latest = 0.0
    /// When the last whole block began.
    private(set) var latestBegan = -Double.infinity
    private var began = 0.0
    private var decided = 0
    private var lost = 0
    private let since: Double

    /// `since`: what becomes known before does not count.
    init(since: Double = -.infinity) { self.since = since }

    /// Returns whether a block is whole now.
    mutating func note(decided more: Int, lost gone: Int, roundTrip: Double, at now: Double) -> Bool {
        guard more > 0, now >= since else { return false }
        if decided == 0 { began = now }
        decided += more
        lost += max(0, min(gone, more))
        guard decided >= Self.fewest, now - began >= max(Self.shortest, roundTrip) else { return false }
        latest = Double(lost) / Double(decided)
        latestBegan = began
        share += (latest - share) * min(1, max(now - began, Self.shortest) / Self.memory)
        (decided, lost) = (0, 0)
        return true
    }
}
