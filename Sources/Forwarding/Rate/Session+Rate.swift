// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the reports of the peer's teach a session about its paths. Where none come nothing of this counts.
extension Session {
    /// A report has told of paths.
    mutating func learn(at now: Instant) {
        for index in paths.indices {
            if let feedback = paths[index].feedback, feedback.at == now { heard(feedback, over: index) }
        }
        var carried = 0.0
        for path in paths where path.isUsable && path.rate?.isFound == true { carried += Double(path.rate?.rate ?? 0) }
        let terms = DelayControl.Terms(roundTrip: longestRoundTrip)
        capacity.note(carried, terms.roundTrip + terms.target, at: now)
        renewTransits()
        findSupplements()
        findQuickest(at: now)
    }

    private mutating func heard(_ feedback: PathFeedback, over index: Int) {
        let now = feedback.at
        if paths[index].rate == nil {
            paths[index].rate = PathRate(bound: bound(of: index), at: now)
            if let supposed = paths[index].supposedRate { paths[index].rate?.suppose(supposed) }
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
            paths[index].isSupplement = false
        }
        renewTransits()
        renewQueue()
        refresh(at: now)
    }

    /// The path seems to carry so many bits per second.
    mutating func suppose(_ rate: Double, of index: Int) {
        paths[index].supposedRate = rate
        paths[index].rate?.suppose(rate)
        if let rate = paths[index].rate?.rate, isQueueWanted { paths[index].pace(at: rate) }
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

    mutating func judge(_ index: Int, at now: Instant) {
        guard paths[index].quarantine.isClosed else {
            guard let reason = fault(of: index, at: now) else { return }
            paths[index].quarantine.close(reason, at: now)
            return refresh(at: now)
        }
        guard let feedback = paths[index].feedback else { return }
        guard let trial = paths[index].quarantine.trial else {
            guard paths[index].quarantine.isDue(at: now) else { return }
            let start = max(PathTrial.leastRate, PathTrial.share * rateBeside(index))
            paths[index].rate?.retry(at: start)
            return paths[index].quarantine.trial = PathTrial(
                deliveredBefore: feedback.delivered,
                roundTrip: paths[index].rate?.roundTrip ?? .zero
            )
        }
        // More than its rate is not in question, and a call may be on it.
        if paths[index].quarantine.reason == .weak, paths[index].rate?.isFound == true, isWeak(index) {
            return paths[index].quarantine.close(.weak, at: now)
        }
        let loss = trial.loss(delivered: feedback.delivered, horizon: paths[index].exchange.horizon, at: now)
        // A queue that long tells enough: the next trial shall not find it.
        let isClogged =
            paths[index].exchange.isSuspect || paths[index].rate?.excessDelay ?? .zero > Quarantine.longestQueue
        guard isClogged || loss != nil else { return }
        if isClogged || loss ?? 0 > Quarantine.acceptedLoss || isLate(index) {
            paths[index].quarantine.close(.harmful, at: now)
        } else if isWeak(index) {
            paths[index].quarantine.close(.weak, at: now)
        } else {
            paths[index].quarantine.open()
        }
        refresh(at: now)
    }

    /// What was lost was too large for the path, and nothing so large is sent any more: that is no reason to leave it alone.
    mutating func forgiveLosses(of index: Int, at now: Instant) {
        guard paths[index].rate != nil else { return }
        paths[index].rate?.forgiveLosses(at: now)
        paths[index].quarantine = Quarantine()
        refresh(at: now)
    }

    /// What is wrong with a path that others could do without.
    private func fault(of index: Int, at now: Instant) -> Quarantine.Reason? {
        let isStuck = paths[index].exchange.suspectSince.map { now - $0 > Quarantine.longestSuspicion } ?? false
        guard paths[index].isUsable || isStuck, let rate = paths[index].rate,
            paths.indices.contains(where: { $0 != index && paths[$0].isUsable && !paths[$0].isLeftOut })
        else { return nil }
        if isStuck || rate.loss > Quarantine.worstLoss || isLate(index) { return .harmful }
        // As long as it only grows nobody knows.
        return rate.isFound && isWeak(index) ? .weak : nil
    }

    /// What the others carry together.
    private func rateBeside(_ index: Int) -> Double {
        var sum = 0.0
        for other in paths.indices where other != index && paths[other].isUsable {
            sum += Double(paths[other].rate?.rate ?? 0)
        }
        return sum
    }

    /// Whether it carries next to nothing beside the others.
    private func isWeak(_ index: Int) -> Bool {
        guard let rate = paths[index].rate else { return false }
        return Double(rate.rate) < Quarantine.leastShare * (rateBeside(index) + Double(rate.rate))
    }

    private func isLate(_ index: Int) -> Bool {
        guard let rate = paths[index].rate, let base = rate.baseDelay else { return false }
        var least: Duration?
        for other in paths.indices where other != index && paths[other].isUsable {
            least = Self.earlier(least, paths[other].rate?.baseDelay)
        }
        return least.map { base + rate.queueDelay - $0 > Quarantine.longestLag } ?? false
    }

    /// Whether the other paths carry so much that one which comes and goes is worth less than what each of its failures costs.
    func canBeSpared(_ index: Int) -> Bool {
        guard let rate = paths[index].rate else { return true }
        var others = 0.0
        for other in paths.indices where other != index && paths[other].monitor.condition == .alive {
            if paths[other].quarantine.reason != .harmful { others += Double(paths[other].rate?.rate ?? 0) }
        }
        return others > Quarantine.sparingShare * Double(rate.rate)
    }

    /// What is on its way over a good path goes over one on trial as well, to see what becomes of it. It does not come earlier
    /// there: whoever has seen once how quick that path is takes all others for full.
    mutating func sendTrialCopy(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        let number = exchange.log.oldest
        guard let index = paths.firstIndex(where: { $0.takesTrialCopies(at: now) }),
            let original = exchange.log[number], original.isKept,
            rule(original.rule).map({ rules[$0].admits(index) }) ?? true,
            let path = self.index(of: original.path),
            original.sentAt + paths[path].transit <= now + paths[index].transit,
            let slot = arena.copy(original.slot)
        else { return }
        guard send(again: slot, number, over: index, at: now, into: &burst, arena: &arena) else {
            return arena.release(slot)
        }
        let overhead = paths[index].parameters.encapsulation.overhead(
            outerIsIPv4: paths[index].remote.isIPv4,
            hasKey: parameters.sendKey != nil
        )
        let departure = paths[index].exchange.departure(at: now)
        paths[index].quarantine.trial?.sent(Int(slot.count) + overhead, at: departure)
        paths[index].exchange.tells(number &+ 1, at: now)
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

    /// A large download that begins on a small quick path ends its slow start there, and takes many seconds to find out what the slow
    /// ones carry: it does better to begin on these.
    private mutating func findSupplements() {
        for index in paths.indices {
            guard let rate = paths[index].rate?.rate else { continue }
            var later = 0.0
            for path in paths where path.isUsable && path.transit > paths[index].transit + Self.supplementLead {
                later += Double(path.rate?.rate ?? 0)
            }
            paths[index].isSupplement = Double(rate) < Self.supplementShare * (later + Double(rate))
        }
    }

    /// Where the difference is less, a sender's window grows over it quickly enough.
    private static let supplementLead = Duration.milliseconds(40)
    /// Of what it and the slower ones carry together. A larger one is worth more, and is outgrown later.
    private static let supplementShare = 0.17

    /// What counts for thin flows, and whether it was told by reports; nil: nothing is known.
    func slowness(of index: Int) -> Duration? {
        guard let rate = paths[index].rate, rate.baseDelay != nil else {
            return paths[index].monitor.smoothedRoundTripTime
        }
        // Delays are those of small packets: a large one takes its time. A lost packet is worse than a late one.
        return (paths[index].transit + rate.excessDelay + rate.packetTime) * 2
            + Duration(inSeconds: rate.loss * Self.lossPenalty)
    }

    /// Whether so much waits on the path that a thin flow does better to overtake itself.
    func isCrowded(_ index: Int) -> Bool { paths[index].rate.map { $0.excessDelay > Self.longestExcess } ?? false }

    /// Seconds of delay that losing everything is as bad as: to a call one packet in a hundred is worth 10 ms.
    private static let lossPenalty = 1.0
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
