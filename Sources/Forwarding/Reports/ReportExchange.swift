// SPDX-License-Identifier: Apache-2.0
import Wire

/// When a session tells its peer what has arrived, and what it has heard of that.
struct ReportExchange: Sendable {
    /// Between reports while user packets pass, for a while after, and later.
    static let busyInterval = Duration.milliseconds(20)
    static let calmInterval = Duration.milliseconds(100)
    static let idleInterval = PathMonitor.idleInterval
    static let calmTime = Duration.seconds(10)
    /// Between a report and one that bad news hastens.
    static let spacing = Duration.milliseconds(2)
    /// A path that was silent for so long, while others carry numbers, tells how far they are.
    static let markerTime = Duration.milliseconds(10)
    /// How often a busy session looks for paths that stand still.
    static let lookTime = Duration.milliseconds(10)

    /// Whether reports take the place of probes.
    var isActive = false
    var nextReport = Instant.never
    var lastReport: Instant?
    var nextLook = Instant.never
    /// What the peer has not acknowledged.
    var log = SentLog()
    /// What a path took with it that carried no numbers, to be sent over another one.
    var stranded: [PlainLog.Entry] = []
    /// The numbers or rules that it was sent by are others.
    var isLogOutdated = false
    /// When something that is to be sent again finds room.
    var nextRepair = Instant.never
    /// By our clock and by the peer's: reports are made one after the other.
    private(set) var madeAt: UInt64 = 0
    private var newestMade: UInt64 = 0

    var nextDeadline: Instant { isActive ? min(nextReport, nextLook, nextRepair) : .never }

    /// The peer is to know soon.
    mutating func hasten(at now: Instant) {
        nextReport = min(nextReport, max(now, lastReport.map { $0 + Self.spacing } ?? now))
    }

    mutating func stamp(_ now: UInt64) -> UInt64 {
        madeAt = max(madeAt &+ 1, now)
        return madeAt
    }

    /// Whether it is newer than all before: the first copy is, the others say the same.
    mutating func isNews(_ report: PathReport) -> Bool {
        guard !report.isMarker, report.madeAt > newestMade else { return false }
        newestMade = report.madeAt
        return true
    }

    /// Somebody else reports from now on, by another clock.
    mutating func forgetPeer() { newestMade = 0 }
}
