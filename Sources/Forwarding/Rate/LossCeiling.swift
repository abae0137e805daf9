// SPDX-License-Identifier: Apache-2.0

/// The rate beyond which a path without a buffer, such as a policer, throws packets away. It is tried again now and then, the
/// less often the more often that failed. Loss that a lower rate does not help against is the path's own.
struct LossCeiling: Equatable, Sendable {
    private static let share = 0.06
    private static let delivered = 0.95
    /// Which part of the rate has to have been sent, of which that much arrived.
    private static let used = 0.8
    private static let shortest = 4.0
    private static let longest = 60.0
    private static let indifference = 30.0
    /// Blocks of loss in a row: a line that stops for a moment throws away as much, and carries no less afterwards.
    private static let blocks = 2

    private var rate = Double.infinity
    private var until = -Double.infinity
    private var wait = shortest
    private var lossyBlocks = 0
    /// What was done, and the loss that it was done for.
    private var cut: (from: Double, loss: Double, at: Double, settles: Double)?
    private var indifferentUntil = -Double.infinity

    static func == (a: Self, b: Self) -> Bool { a.rate == b.rate && a.until == b.until && a.wait == b.wait }

    func limit(at now: Double) -> Double { now < until ? rate : .infinity }

    /// Whether it has turned out that loss has nothing to do with the rate.
    func isIndifferent(at now: Double) -> Bool { now < indifferentUntil }

    /// Whether blocks of loss, of which a new one is whole, show that the path carries what arrives and no more.
    mutating func applies(_ losses: PathLoss, _ estimate: Double, carried: Double, roundTrip: Double, at now: Double)
        -> Bool
    {
        guard !isIndifferent(at: now), cut == nil, losses.latest > Self.share, carried < Self.delivered * estimate,
            carried > Self.used * (1 - losses.latest) * estimate
        else {
            lossyBlocks = 0
            return false
        }
        lossyBlocks += 1
        guard lossyBlocks >= Self.blocks else { return false }
        lossyBlocks = 0
        wait = now < until + 2 * wait ? min(wait * 2, Self.longest) : Self.shortest
        rate = carried
        until = now + wait
        cut = (estimate, losses.latest, now, now + 2 * roundTrip + 0.05)
        return true
    }

    /// A block of loss that began after the cut tells whether that helped; returns the rate from before if not.
    mutating func restored(_ losses: PathLoss, at now: Double) -> Double? {
        guard let cut, losses.latestBegan >= cut.settles else { return nil }
        self.cut = nil
        guard losses.latest > cut.loss / 2 else { return nil }
        indifferentUntil = now + Self.indifference
        until = now
        return cut.from
    }
}
