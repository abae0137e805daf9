// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which paths a packet may take, and which of them it takes. Nothing is booked here.
extension Session {
    /// A flow that may return does so at a gap, and after this without one.
    static let longestHold = Duration.seconds(2)
    /// A gap at which nothing is overtaken, where no round trip is known.
    private static let safeGap = Duration.milliseconds(50)

    func firstRule(matching packet: DownlinkView) -> Int? {
        rules.firstIndex { $0.rule.selector.matches(packet) }
    }

    /// Whether a packet of the rule may take the path now; nil: of no rule.
    func admits(_ path: Int, _ rule: Int?) -> Bool {
        paths[path].isUsable && (rule.map { rules[$0].admits(path) } ?? true)
    }

    /// The rule that decides about a packet that matches this one. The kernel has let past the anchor what a bypass rule
    /// speaks of: what comes here all the same goes as if there were no rule, unless it is strict.
    func acting(_ rule: Int?) -> Int? {
        guard let rule, rules[rule].rule.treatment != .bypass || rules[rule].rule.isStrict else { return nil }
        return rule
    }

    /// What becomes of a packet. `isThin`: of a thin flow, or a pure acknowledgement.
    /// Mutating, so that asking does not copy the session.
    mutating func judge(rule: Int?, flow: FlowMemory?, digest: UInt64, isThin: Bool, at now: Instant) -> Verdict {
        guard let rule else { return judgeWithoutRule(flow, digest, isThin: isThin, now) }
        switch rules[rule].rule.treatment {
        case .drop: return .dropped
        case .bypass:
            guard !rules[rule].rule.isStrict else { return .dropped }
            var verdict = judgeWithoutRule(flow, digest, isThin: isThin, now)
            if verdict != .noUsablePath { verdict.reason = .bypass }
            return verdict
        case .pin: return pin(rule, flow, digest, now)
        case .bond:
            return firstUsable(rule) == nil ? withoutPath : shared(.bonded, rule)
        case .overflow:
            guard let first = firstUsable(rule) else { return withoutPath }
            guard paths[first].pacer == nil else { return shared(.filling, rule) }
            // Nobody knows when it is full.
            var verdict = pin(rule, flow, digest, now)
            if verdict.reason == .preferred { verdict.reason = .filling }
            return verdict
        case .duplicate:
            guard firstUsable(rule) != nil else { return withoutPath }
            // Without numbers nobody could tell the copies.
            let isNumbered = paths.indices.contains { admits($0, rule) && paths[$0].parameters.encapsulation.hasGRE }
            guard isNumbered else { return pin(rule, flow, digest, now) }
            let reason = rules[rule].isThere ? FlowReason.duplicated : .outsideRule
            return Verdict(way: .copies, reason: reason, isSequenced: true)
        }
    }

    private func shared(_ reason: FlowReason, _ rule: Int) -> Verdict {
        Verdict(way: .shared, reason: rules[rule].isThere ? reason : .outsideRule, isSequenced: true)
    }

    /// None that the rule admits: the rule is strict, or there is none at all.
    private var withoutPath: Verdict { paths.contains { $0.isUsable } ? .dropped : .noUsablePath }

    /// The first in the rule's order.
    private func firstUsable(_ rule: Int) -> Int? {
        var first: Int?
        for path in paths.indices where admits(path, rule) {
            if first.map({ rules[rule].ranks[path] < rules[rule].ranks[$0] }) ?? true { first = path }
        }
        return first
    }

    // MARK: One path a flow, in the order of a rule

    /// How far back the path stands: behind all that are settled, behind those of the rule, behind the better labels.
    private func standing(_ path: Int, _ rule: Int, isSettled: Bool) -> Int {
        let rank = rules[rule].ranks[path]
        return (isSettled ? 0 : 0x200) + (rank == RuleState.outside ? 0x100 : 0) + Int(rank)
    }

    private func standing(_ path: Int, _ rule: Int, at now: Instant) -> Int {
        standing(path, rule, isSettled: paths[path].steadiness.isSettled(at: now))
    }

    /// Whether a flow of the rule might take the path: others than the rule's own only if it is not strict.
    private func isOpen(_ path: Int, _ rule: Int) -> Bool {
        paths[path].isUsable && (rules[rule].ranks[path] != RuleState.outside || !rules[rule].rule.isStrict)
    }

    private func pin(_ rule: Int, _ flow: FlowMemory?, _ digest: UInt64, _ now: Instant) -> Verdict {
        var best = Int.max
        for path in paths.indices where isOpen(path, rule) { best = min(best, standing(path, rule, at: now)) }
        guard best != .max else { return withoutPath }
        if let home = flow?.home.flatMap({ index(of: $0) }), isOpen(home, rule), let flow {
            // It is not the flow's fault if its path fell silent while the flow was, too.
            guard standing(home, rule, isSettled: true) > best else {
                return Verdict(way: .path(home), reason: reason(of: home, rule, now))
            }
            let better = paths.indices.first { isOpen($0, rule) && standing($0, rule, at: now) == best } ?? home
            let settled = paths[better].steadiness.settles
            if !mayMove(flow, from: home, to: better, since: settled, now) {
                return Verdict(way: .path(home), reason: .heldBack(until: settled + Self.longestHold))
            }
        }
        let chosen = PerFlow.choose(digest, among: paths) { isOpen($0, rule) && standing($0, rule, at: now) == best }
        return chosen.map { Verdict(way: .path($0), reason: reason(of: $0, rule, now)) } ?? withoutPath
    }

    private func reason(of path: Int, _ rule: Int, _ now: Instant) -> FlowReason {
        let rank = rules[rule].ranks[path]
        if rank == 0 { return .preferred }
        var back = Instant.never
        for better in paths.indices where paths[better].isUsable && rules[rule].ranks[better] < rank {
            back = min(back, paths[better].steadiness.settles)
        }
        if back > now, back != .never { return .heldBack(until: back) }
        return rank == RuleState.outside ? .outsideRule : .fallback
    }

    /// A flow moves as a whole: at once if nothing of it can overtake what is under way, or at a gap that is long
    /// enough for that, and in the end without.
    private func mayMove(_ flow: FlowMemory, from old: Int, to new: Int, since: Instant, _ now: Instant) -> Bool {
        guard now < since + Self.longestHold else { return true }
        guard let slow = paths[old].monitor.smoothedRoundTripTime, let quick = paths[new].monitor.smoothedRoundTripTime
        else { return now - flow.lastSeen >= Self.safeGap }
        return now - flow.lastSeen >= (slow - quick) / 2
    }

    // MARK: Without a rule

    private func judgeWithoutRule(_ flow: FlowMemory?, _ digest: UInt64, isThin: Bool, _ now: Instant) -> Verdict {
        switch parameters.distribution {
        case .perFlow: return oneOfAll(flow?.home, digest)
        case .perPacket:
            guard paths.contains(where: { $0.isUsable }) else { return .noUsablePath }
            return Verdict(way: .shared, reason: .bonded, isSequenced: true)
        case .automatic:
            if isThin { return thin(flow, digest, now) }
            guard isBondable else { return oneOfAll(flow?.bulkHome, digest) }
            return Verdict(way: .shared, reason: .bonded, isSequenced: true)
        }
    }

    private func oneOfAll(_ home: PathNumber?, _ digest: UInt64) -> Verdict {
        let known = home.flatMap { usableIndex(of: $0) }
        let chosen = known ?? PerFlow.choose(digest, among: paths)
        return chosen.map { Verdict(way: .path($0), reason: .onePathPerFlow) } ?? .noUsablePath
    }

    /// Whether the quickest path carries too little, and is for small packets only: a large one is the begin of more than that carries, and whoever
    /// has seen once how quick it is takes every other path for full (TCP's slow start ends where delay grows).
    func isTooMuchForQuickest(_ octets: Int) -> Bool {
        guard octets > Self.small, let quick = quickest.flatMap({ usableIndex(of: $0.path) }) else { return false }
        return (paths[quick].isLeftOut || paths[quick].isSupplement) && isBondable
    }

    private static let small = 600

    private func thin(_ flow: FlowMemory?, _ digest: UInt64, _ now: Instant) -> Verdict {
        guard let quick = quickest.flatMap({ usableIndex(of: $0.path) }), let quickest else {
            return oneOfAll(flow?.home, digest)
        }
        if let flow, !flow.isBulk, let home = flow.home.flatMap({ usableIndex(of: $0) }), home != quick,
            !isCrowded(home), !mayMove(flow, from: home, to: quick, since: quickest.since, now)
        {
            return Verdict(way: .path(home), reason: .heldBack(until: quickest.since + Self.longestHold))
        }
        return Verdict(way: .path(quick), reason: .quickest)
    }

    /// Whether a packet of the flow over the path would overtake what the flow sent last without a number.
    func overtakes(_ flow: FlowMemory?, over path: Int, at now: Instant) -> Bool {
        guard let last = flow?.lastPlain, last.path != paths[path].number else { return false }
        return now + oneWay(path) < last.arrives
    }

    /// Until what is sent over the path is there, as far as round trips tell.
    func oneWay(_ path: Int) -> Duration { paths[path].transit }

    /// When the packet arrives that is given to the path now, behind what waits there of its kind, as far as anybody can tell.
    /// Mutating, so that asking does not copy the session.
    mutating func arrival(of parcel: Parcel, over path: Int, at now: Instant) -> Instant {
        guard let pacer = paths[path].pacer else { return now + oneWay(path) }
        let octets = parcel.octets + (isQueueing ? classes[kind(of: parcel)].lanes[path].octets : 0)
        return now + pacer.lead(at: now) + pacer.time(for: octets) + oneWay(path)
    }

    /// Acknowledgements of a great download may be more than the quickest line carries: where they arrive a good deal sooner over
    /// another one, or would have to wait for it, they take another. Nobody minds their order; but a round trip that grows ends the
    /// sender's slow start.
    mutating func soonest(for parcel: Parcel, insteadOf quick: Int, at now: Instant) -> Int {
        let usual = arrival(of: parcel, over: quick, at: now)
        let leaves = usual - oneWay(quick)
        let waits = leaves > now + Self.worthwhile * 2
        var best = (path: quick, arrival: usual - Self.worthwhile)
        for path in paths.indices where path != quick && paths[path].isUsable {
            let arrival = arrival(of: parcel, over: path, at: now)
            let isRelief = waits && best.path == quick && arrival - oneWay(path) < leaves
            if isRelief || arrival < best.arrival { best = (path, arrival) }
        }
        return best.path
    }

    private static let worthwhile = Duration.milliseconds(5)

    /// The path with the shortest round trip, or the shortest way by reports; another one has to be better by a good deal.
    mutating func findQuickest(at now: Instant) {
        let isAnySettled = paths.contains { $0.isUsable && $0.steadiness.isSettled(at: now) }
        var best: (index: Int, time: Duration)?
        for (index, path) in paths.enumerated() where path.isUsable {
            guard let time = slowness(of: index), !isAnySettled || path.steadiness.isSettled(at: now) else { continue }
            if time < best?.time ?? .seconds(3600) { best = (index, time) }
        }
        guard let best else { return quickest = nil }
        if let current = quickest.flatMap({ usableIndex(of: $0.path) }), let time = slowness(of: current),
            current == best.index || time - best.time < max(.milliseconds(2), time / 8)
        {
            return
        }
        quickest = (paths[best.index].number, now)
    }
}
