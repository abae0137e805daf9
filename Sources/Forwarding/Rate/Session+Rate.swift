// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the reports of the peer's teach a session about its paths. Where none come nothing of this counts.
extension Session {
    /// A report has told of paths.
    mutating func learn(at now: Instant) {
        for index in paths.indices {
            if let feedback = paths[index].feedback, feedback.at == now { heard(feedback, over: index) }
        }
        renewTransits()
        findQuickest(at: now)
    }

    private mutating func heard(_ feedback: PathFeedback, over index: Int) {
        let now = feedback.at
        if paths[index].rate == nil {
            paths[index].rate = PathRate(bound: bound(of: index), at: now)
            paths[index].rate?.heard(feedback)
            renewQueue()
            refresh(at: now)
        } else {
            paths[index].rate?.heard(feedback)
            if isQueueWanted { paths[index].pace(at: paths[index].rate?.rate) }
        }
        judge(index, at: now)
    }

    /// No reports come any more.
    mutating func forgetRates(at now: Instant) {
        guard paths.contains(where: { $0.rate != nil }) else { return }
        for index in paths.indices {
            paths[index].rate = nil
            paths[index].quarantine = Quarantine()
        }
        renewTransits()
        renewQueue()
        refresh(at: now)
    }

    private func bound(of index: Int) -> UInt64? {
        paths[index].parameters.boundingRate(of: role).map { UInt64(max(1, $0)) }
    }

    /// Operators or the peer say something else of the rates.
    mutating func renewBounds() {
        for index in paths.indices {
            let bound = bound(of: index)
            paths[index].rate?.believe(bound)
        }
    }

    // MARK: Bad paths

    private mutating func judge(_ index: Int, at now: Instant) {
        if paths[index].quarantine.opens(at: now) {
            paths[index].rate?.retry()
            refresh(at: now)
        } else if !paths[index].quarantine.isClosed, isBad(index) {
            paths[index].quarantine.close(at: now)
            refresh(at: now)
        }
    }

    private func isBad(_ index: Int) -> Bool {
        guard paths[index].isUsable, let rate = paths[index].rate else { return false }
        var sum = 0.0
        var isAlone = true
        for other in paths.indices where paths[other].isUsable {
            sum += Double(paths[other].rate?.rate ?? 0)
            isAlone = isAlone && other == index
        }
        return !isAlone && (rate.loss > Quarantine.worstLoss || Double(rate.rate) < Quarantine.leastShare * sum)
    }

    // MARK: Delays

    /// How long packets take over each path, as far as anybody knows: by reports the difference between them, else half the
    /// round trip.
    mutating func renewTransits() {
        let half = paths.lazy.compactMap { $0.monitor.smoothedRoundTripTime }.min().map { $0 / 2 } ?? .zero
        let isMeasured = paths.allSatisfy { !$0.isUsable || $0.rate?.baseDelay != nil }
        var least: Duration?
        if isMeasured {
            for path in paths where path.isUsable { least = Self.earlier(least, path.rate?.baseDelay) }
        }
        for index in paths.indices {
            if let least, let rate = paths[index].rate, let base = rate.baseDelay {
                paths[index].transit = max(.zero, base - least) + half + rate.jitter
            } else {
                paths[index].transit = (paths[index].monitor.smoothedRoundTripTime ?? .zero) / 2
            }
        }
    }

    private static func earlier(_ a: Duration?, _ b: Duration?) -> Duration? {
        guard let a, let b else { return a ?? b }
        return min(a, b)
    }

    /// What counts for sparse flows, and whether it was told by reports; nil: nothing is known.
    func slowness(of index: Int) -> Duration? {
        guard let rate = paths[index].rate, rate.baseDelay != nil else {
            return paths[index].monitor.smoothedRoundTripTime
        }
        // Delays are those of small packets: a large one takes its time. A lost packet is worse than a late one.
        return (paths[index].transit + rate.excessDelay + Duration(inSeconds: Self.packetBits / Double(rate.rate))) * 2
            + .nanoseconds(Int64(rate.loss * 200e6))
    }

    /// Whether so much waits on the path that a sparse flow does better to overtake itself.
    func isCrowded(_ index: Int) -> Bool { paths[index].rate.map { $0.excessDelay > Self.longestExcess } ?? false }

    private static let packetBits = 12_000.0
    private static let longestExcess = Duration.milliseconds(15)

    /// Of what is used, with the time for a repair where something is lost.
    var longestRoundTrip: Duration {
        var longest: Duration?
        var shortest = Duration.seconds(1)
        var isLossy = false
        for path in paths where path.isUsable {
            guard let trip = path.rate?.roundTrip ?? path.monitor.smoothedRoundTripTime else { continue }
            longest = max(longest ?? .zero, trip)
            shortest = min(shortest, trip)
            isLossy = isLossy || path.rate.map { $0.loss > Self.repairedLoss } == true
        }
        let repair = isLossy ? shortest + .milliseconds(4) : .zero
        return min((longest ?? Self.unknownRoundTrip) + repair, .seconds(1))
    }

    private static let repairedLoss = 0.002
    private static let unknownRoundTrip = Duration.milliseconds(100)
}
