// SPDX-License-Identifier: Apache-2.0
import Wire

/// Who may send next: classes with a guaranteed rate up to it, thin flows, and then the others in turn, by octets.
extension Session {
    /// Thin flows may go that far ahead of a path's rate.
    private static let thinLead = Duration.milliseconds(3)
    /// Copies do not wait; a path that is further behind gets none.
    private static let copyLead = Duration.milliseconds(20)
    /// What of a bundle the quicker paths are given time for: the rest takes a slower one.
    private static let longestBacklog = Duration.milliseconds(4)
    /// Where the quicker paths have been busy for less, what waits may be a burst.
    private static let longestBurst = Duration.milliseconds(100)
    /// One that carried nothing of a bundle for that much longer than its packets take is not in use.
    private static let shortPause = Duration.milliseconds(20)
    /// For how long a flow that turns to bulk waits for what it sent before, and what is taken for nearly overtaking: the
    /// clocks of pacers are ahead of the lines by their credit, and others may have been served in between.
    private static let longestRespect = Duration.milliseconds(40)
    private static let nearlyOvertaking = Pacer.credit * 2
    private static let granularity = Duration.milliseconds(1)
    /// What a class may send in one turn.
    private static let quantum = 1500

    struct Departure {
        var kind: Int
        var lane: Int
        var path: Int
    }

    var isQueueing: Bool { !classes.isEmpty }

    private var thinClass: Int { rules.count }

    func kind(of parcel: Parcel) -> Int {
        parcel.rule.map { rules[$0].kind } ?? (parcel.isThin ? thinClass : thinClass + 1)
    }

    /// Whether anything may wait at all.
    var isQueueWanted: Bool { isAutomatic || !rules.isEmpty || isPerPacket && paths.contains { $0.rate != nil } }

    /// Pacers where a rate bounds what may be sent, and classes where anything may have to wait. Nothing waits now.
    private mutating func prepareQueue() {
        for index in paths.indices {
            let known = paths[index].parameters.boundingRate(of: role).map { UInt64(max(1, $0)) }
            paths[index].pace(at: isQueueWanted ? paths[index].rate?.rate ?? known : nil)
        }
        let isNeeded = paths.contains { $0.pacer != nil } || rules.contains { $0.rule.maximumRate != nil }
        guard isNeeded else { return classes = [] }
        classes = (rules.map(\.rule) + [nil, nil]).map { TrafficClass(paths: paths.count, rule: $0) }
        active.reserveCapacity(classes.count)
    }

    mutating func renewQueue() {
        abandonQueue()
        prepareQueue()
    }

    /// What waits has to be looked at anew: paths or rules are others.
    mutating func abandonQueue() {
        guard queued > 0 else { return }
        for kind in classes.indices {
            for lane in classes[kind].lanes.indices where !classes[kind].lanes[lane].isEmpty {
                orphans.append(classes[kind].lanes[lane])
                classes[kind].lanes[lane] = SlotQueue()
            }
            classes[kind].packets = 0
            classes[kind].deficit = 0
        }
        active.removeAll(keepingCapacity: true)
    }

    // MARK: In

    /// The lane in which the packet waits; nil: there is no path. A bundle whose rates are not all known is spread by
    /// weights.
    mutating func lane(for parcel: Parcel, _ way: Verdict.Way, flow: FlowMemory, at now: Instant) -> Int? {
        switch way {
        case .path(let path): return path
        case .shared:
            let isPaced = paths.indices.allSatisfy { !admits($0, parcel.rule) || paths[$0].pacer != nil }
            // An overflow rule needs to know of its first path only.
            if isPaced || isOverflow(parcel.rule) { return classes[kind(of: parcel)].shared }
            return spread(parcel, flow: flow, at: now)
        case .copies, .dropped: return nil
        }
    }

    /// The path of the lane; of a shared one the first that the rule admits.
    func likelyPath(_ lane: Int, _ rule: Int?) -> Int? {
        lane < paths.count ? lane : paths.indices.first { admits($0, rule) }
    }

    /// Whether a path of an overflow rule's carries what did not fit into better ones.
    func isSpilt(_ rule: Int?, over path: Int) -> Bool {
        guard isOverflow(rule), let rule else { return false }
        return paths.indices.contains { admits($0, rule) && comesBefore($0, path, rule) }
    }

    /// Whether something of the class has spilt lately.
    func isSpilling(_ kind: Int, _ lane: Int, at now: Instant) -> Bool {
        lane == classes[kind].shared && now < classes[kind].spillsUntil
    }

    private func isOverflow(_ rule: Int?) -> Bool { rule.map { rules[$0].rule.treatment == .overflow } ?? false }

    /// How much longer than else something may wait in a shared lane, since the paths carried more just now.
    private func patience(at now: Instant) -> Duration {
        var rate = 0.0
        for path in paths where path.isUsable { rate += Double(path.pacer?.rate ?? 0) }
        return capacity.patience(with: rate, at: now)
    }

    /// Between what takes the quickest path of bundles and what takes the slowest.
    private var spread: Duration {
        var (least, most) = (Duration.seconds(1), Duration.zero)
        for path in paths where path.isUsable && !path.isLeftOut {
            least = min(least, path.transit)
            most = max(most, path.transit)
        }
        return max(.zero, most - least)
    }

    /// Whether the lane takes a packet of so many octets.
    mutating func hasRoom(_ kind: Int, _ lane: Int, octets: Int, rule: Int?, at now: Instant) -> Bool {
        let isShared = lane == classes[kind].shared
        var time = isShared ? TrafficClass.sharedPatience : TrafficClass.patience
        if paths.contains(where: { $0.rate != nil }) { time = max(time, longestRoundTrip * 3 / 2) }
        var limit = 0
        if isShared {
            time = time + patience(at: now)
            for path in paths.indices where admits(path, rule) { limit += paths[path].pacer?.octets(in: time) ?? 0 }
        } else {
            limit = paths[lane].pacer?.octets(in: time) ?? .max
        }
        if let maximum = classes[kind].maximum { limit = min(limit, maximum.octets(in: time)) }
        return classes[kind].lanes[lane].octets + octets <= max(limit, TrafficClass.least)
    }

    /// What has to go so that the parcel finds room: of a flow that has much more there; nil: nothing does.
    mutating func evict(_ kind: Int, _ lane: Int, for parcel: Parcel, room: inout WaitingRoom) -> Parcel? {
        guard let gone = room.evict(from: &classes[kind].lanes[lane], for: parcel) else { return nil }
        queued -= 1
        classes[kind].packets -= 1
        return gone
    }

    mutating func enter(_ parcel: Parcel, _ kind: Int, _ lane: Int, room: inout WaitingRoom) {
        room.append(parcel, to: &classes[kind].lanes[lane])
        if classes[kind].packets == 0 { active.append(kind) }
        classes[kind].packets += 1
        queued += 1
    }

    // MARK: Out

    /// What may go now; nil: nothing, until `queueDeadline`.
    mutating func nextDeparture(at now: Instant, room: borrowing WaitingRoom) -> Departure? {
        // Without anything that could wait there are no classes either.
        guard queued > 0 else { return nil }
        for path in paths.indices where paths[path].isUsable {
            let lead = paths[path].pacer?.lead(at: now) ?? .zero
            if lead == .zero, let departure = guaranteed(path, at: now, room) { return departure }
            if lead <= Self.thinLead, mayOvertake(path, at: now), let lane = lane(thinClass, path, now, room) {
                return Departure(kind: thinClass, lane: lane, path: path)
            }
            if lead == .zero, let departure = inTurn(path, at: now, room: room) { return departure }
        }
        return nil
    }

    /// Whether thin flows go first: a crowd of them takes its turns like everybody.
    private func mayOvertake(_ path: Int, at now: Instant) -> Bool {
        paths[path].overtaking.map { $0.hasRoom(at: now) } ?? true
    }

    private func guaranteed(_ path: Int, at now: Instant, _ room: borrowing WaitingRoom) -> Departure? {
        for kind in active where classes[kind].guarantee?.hasRoom(at: now) == true {
            if let lane = lane(kind, path, now, room) { return Departure(kind: kind, lane: lane, path: path) }
        }
        return nil
    }

    private mutating func inTurn(_ path: Int, at now: Instant, room: borrowing WaitingRoom) -> Departure? {
        // A packet is larger than a turn at most once.
        for _ in 0..<active.count * 2 {
            let kind = active[0]
            if let lane = lane(kind, path, now, room) {
                let octets = room.next(of: classes[kind].lanes[lane])
                if classes[kind].deficit >= octets {
                    classes[kind].deficit -= octets
                    return Departure(kind: kind, lane: lane, path: path)
                }
                classes[kind].deficit += Self.quantum
            }
            active.append(active.removeFirst())
        }
        return nil
    }

    /// Where the class has a packet for the path.
    private func lane(_ kind: Int, _ path: Int, _ now: Instant, _ room: borrowing WaitingRoom) -> Int? {
        guard classes[kind].packets > 0, !classes[kind].isHeldBack(at: now) else { return nil }
        if !classes[kind].lanes[path].isEmpty { return path }
        let shared = classes[kind].shared
        guard !classes[kind].lanes[shared].isEmpty, mayTake(path, kind, now),
            !overtakesWaiting(path, room.predecessor(of: classes[kind].lanes[shared]), now)
        else { return nil }
        return shared
    }

    /// Whether the first in a shared lane would arrive ahead of what its flow sent before it, while that is worth waiting for.
    private func overtakesWaiting(
        _ path: Int,
        _ predecessor: (path: PathNumber, arrives: Instant, waitsSince: Instant)?,
        _ now: Instant
    ) -> Bool {
        guard let predecessor, now < predecessor.waitsSince + Self.longestRespect else { return false }
        // It may still wait itself.
        let other = paths.firstIndex { $0.number == predecessor.path }
        if let other, !classes[thinClass].lanes[other].isEmpty { return true }
        guard other != path else { return false }
        return now + oneWay(path) < predecessor.arrives + Self.nearlyOvertaking
    }

    /// Whether the path takes what any could: those that come before it have no room, and more waits than they shall
    /// be given time for.
    private func mayTake(_ path: Int, _ kind: Int, _ now: Instant) -> Bool {
        let rule = kind < rules.count ? kind : nil
        guard admits(path, rule), !isLeftOut(path, rule) else { return false }
        let isOverflow = isOverflow(rule)
        // Rates are told by a peer, too: their sum may be more than an integer holds.
        var rate = 0.0
        var isSaturated = true
        var difference = Duration.zero
        var busy = Duration.seconds(1)
        for other in paths.indices where other != path && admits(other, rule) && !isLeftOut(other, rule) {
            guard comesBefore(other, path, isOverflow ? rule : nil) else { continue }
            guard let pacer = paths[other].pacer, !pacer.hasRoom(at: now) else { return false }
            rate += Double(pacer.rate)
            isSaturated = isSaturated && pacer.isSaturated(at: now)
            difference = max(difference, oneWay(path) - oneWay(other), oneWay(other) - oneWay(path))
            busy = min(busy, pacer.busyTime(at: now))
        }
        guard rate > 0 else { return true }
        guard isSaturated || !isOverflow else { return false }
        let backlog = Double(classes[kind].lanes[classes[kind].shared].octets) * 8e9 / rate
        return backlog > Double(time(for: path, after: difference, busy, isOverflow: isOverflow, now).wholeNanoseconds)
    }

    /// How much work has to wait at the paths that come before it, whose delays differ so much. Where it has not been in use, or they
    /// have only just begun, it is no less than the difference. Until the first packets are there over a slower one, their sender
    /// may have nothing more to send, and all that follows waits for what took it; and over a small quicker one they show a delay that
    /// what follows does not keep.
    private func time(for path: Int, after difference: Duration, _ busy: Duration, isOverflow: Bool, _ now: Instant)
        -> Duration
    {
        guard !isOverflow else { return Self.longestBacklog }
        let isInUse = now - paths[path].lastShared < difference + Self.shortPause
        guard isInUse, busy >= min(difference, Self.longestBurst) else { return difference }
        return min(Self.longestBacklog, difference)
    }

    private func isLeftOut(_ path: Int, _ rule: Int?) -> Bool {
        guard paths[path].isLeftOut, !isOverflow(rule) else { return false }
        return paths.indices.contains { admits($0, rule) && !paths[$0].isLeftOut }
    }

    private func comesBefore(_ a: Int, _ b: Int, _ order: Int?) -> Bool {
        if let order { return rules[order].ranks[a] < rules[order].ranks[b] }
        if paths[a].isSupplement != paths[b].isSupplement { return paths[b].isSupplement }
        return oneWay(a) < oneWay(b)
    }

    /// What leaves the queue.
    struct Leaving {
        var parcel: Parcel
        /// Carries a number.
        var isSequenced: Bool
        /// Has to tell its sender that its flow waits for too long.
        var isSignal: Bool
    }

    /// nil: nothing waits there.
    mutating func leave(_ departure: Departure, at now: Instant, room: inout WaitingRoom) -> Leaving? {
        let kind = departure.kind
        let patience = departure.lane == classes[kind].shared ? patience(at: now) : .zero
        let terms = DelayControl.Terms(roundTrip: longestRoundTrip, spread: spread, patience: patience)
        guard let (parcel, isLate) = room.popFirst(&classes[kind].lanes[departure.lane], terms, at: now) else {
            return nil
        }
        // Nobody is told to go slower than he was promised.
        let isPromised = kind == thinClass || classes[kind].guarantee?.hasRoom(at: now) == true
        let isSignal = isLate && !isPromised
        queued -= 1
        classes[kind].packets -= 1
        if classes[kind].packets == 0 {
            classes[kind].deficit = 0
            active.removeAll { $0 == kind }
        }
        let leaving = Leaving(parcel: parcel, isSequenced: parcel.isSequenced, isSignal: isSignal)
        if isSignal, !parcel.knowsMarks { return leaving }
        classes[kind].book(parcel.octets, at: now)
        if kind == thinClass { paths[departure.path].overtaking?.debit(parcel.octets, at: now) }
        guard departure.lane == classes[kind].shared else { return leaving }
        paths[departure.path].lastShared = now
        guard isOverflow(parcel.rule) else { return Leaving(parcel: parcel, isSequenced: true, isSignal: isSignal) }
        // On one path the order is kept without numbers, and nothing waits for what is lost.
        if isSpilt(parcel.rule, over: departure.path) { classes[kind].spillsUntil = now + .seconds(1) }
        return Leaving(parcel: parcel, isSequenced: now < classes[kind].spillsUntil, isSignal: isSignal)
    }

    /// When something that waits may go.
    mutating func setQueueDeadline(at now: Instant) {
        guard queued > 0, orphans.isEmpty else { return queueDeadline = orphans.isEmpty ? .never : now }
        var next = Instant.never
        for path in paths where path.isUsable {
            guard let free = path.pacer?.free else { continue }
            // Where there is room already, something has to wait for something else.
            next = min(next, max(free, now + Self.granularity))
            let early = free - Self.thinLead
            if classes[thinClass].packets > 0, early > now { next = min(next, early) }
        }
        for kind in active {
            if let free = classes[kind].maximum?.free, free > now { next = min(next, free) }
        }
        queueDeadline = next == .never ? now + Self.granularity : next
    }

    /// Whether copies of the packet may go now, which are booked: once, however many there are.
    mutating func bookCopies(of parcel: Parcel, at now: Instant) -> Bool {
        let kind = kind(of: parcel)
        guard classes.indices.contains(kind) else { return true }
        guard !classes[kind].isHeldBack(at: now) else { return false }
        classes[kind].book(parcel.octets, at: now)
        return true
    }

    /// Whether a copy of a packet of the rule goes over the path: also over one that is bad, or has fallen silent just now,
    /// since that may be a mistake, and the others may lose the packet.
    mutating func takesCopies(_ path: Int, _ rule: Int?, at now: Instant) -> Bool {
        let isThere =
            paths[path].isUsable || paths[path].steadiness.hasFailedLately(at: now)
            || paths[path].monitor.condition == .alive && !paths[path].parameters.metrics.isExhausted
        return isThere && rule.map { rules[$0].admits(path) } == true && paths[path].parameters.encapsulation.hasGRE
            && paths[path].pacer?.lead(at: now) ?? .zero <= Self.copyLead
    }
}
