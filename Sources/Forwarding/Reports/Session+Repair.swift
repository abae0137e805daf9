// SPDX-License-Identifier: Apache-2.0
import Wire

/// Sends again what the peer does not get: what is lost, and what is under way on a path that does not get on.
extension Session {
    /// A path with packets under way that has not got on for so long, beyond one and a half round trips, is suspect.
    private static let suspicion = Duration.milliseconds(20)
    /// One whose packets take that much longer than they have to, too: what a queue of ours and a change of rate make of it.
    private static let overdue = Duration.milliseconds(30)
    /// A lost packet is waited for three of the shortest round trips, in which it can come again as often, and this.
    private static let repairSlack = Duration.milliseconds(30)
    /// What it costs if the repair is lost as well.
    private static let repairRisk = 0.1
    /// Nobody asks for what is older.
    private static let memory = Duration.seconds(3)
    /// A call has no use for what is older, and a question has been asked again.
    private static let plainMemory = Duration.milliseconds(300)

    /// The packet left with the number. `isCopy`: it went over other paths as well.
    mutating func noteSent(
        _ parcel: Parcel,
        _ number: UInt32,
        over index: Int,
        isCopy: Bool,
        at now: Instant,
        arena: inout PacketArena
    ) {
        guard exchange.isActive else { return }
        clearOutdated(arena: &arena)
        exchange.log.record(
            number,
            parcel.slot,
            over: paths[index].number,
            rule: parcel.rule,
            isKept: !isCopy,
            at: paths[index].exchange.departure(at: now),
            arena: &arena
        )
        paths[index].exchange.tells(number &+ 1, at: now)
    }

    /// The packet left without a number. One that is aside has a successor that says the same.
    mutating func noteSentPlain(_ parcel: Parcel, over index: Int, at now: Instant, arena: inout PacketArena) {
        guard exchange.isActive, paths.count > 1, !parcel.isAside else { return }
        let rule = parcel.rule.map { Int32(truncatingIfNeeded: $0) } ?? -1
        let entry = PlainLog.Entry(slot: parcel.slot, sentAt: now, rule: rule)
        paths[index].exchange.plain.record(entry, arena: &arena)
    }

    /// Packets that are kept to be sent again.
    var kept: Int { paths.reduce(exchange.log.kept + exchange.stranded.count) { $0 + $1.exchange.plain.count } }

    private mutating func strand(_ index: Int) { exchange.stranded += paths[index].exchange.plain.take() }

    /// What went over a path that takes nothing any more goes over another one, once: if it had arrived, it comes twice.
    private mutating func sendStranded(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        guard !exchange.stranded.isEmpty else { return }
        let stranded = exchange.stranded
        exchange.stranded = []
        for entry in stranded {
            defer { arena.letGo(entry.slot) }
            guard now - entry.sentAt < Self.plainMemory,
                let index = path(for: entry.rule, needsNumbers: false, at: now), arena.hold(entry.slot)
            else { continue }
            if send(again: entry.slot, nil, over: index, at: now, into: &burst, arena: &arena) {
                paths[index].counters.repairsSent &+= 1
            } else {
                arena.release(entry.slot)
            }
        }
    }

    /// The session ends.
    mutating func forgetSent(arena: inout PacketArena) {
        exchange.log.clear(arena: &arena)
        for index in paths.indices { strand(index) }
        for entry in exchange.stranded { arena.letGo(entry.slot) }
        exchange.stranded = []
    }

    private mutating func clearOutdated(arena: inout PacketArena) {
        guard exchange.isLogOutdated || !exchange.isActive else { return }
        exchange.isLogOutdated = false
        exchange.log.clear(arena: &arena)
    }

    /// What the report says of our numbers; by the place of the path how many of them have been decided, and lost.
    mutating func settle(_ report: PathReport, arena: inout PacketArena) {
        var fates = paths.map { SentLog.Fate(path: $0.number, horizon: $0.exchange.horizon) }
        exchange.log.settle(report, &fates, arena: &arena)
        for index in paths.indices {
            paths[index].feedback?.decided = fates[index].decided
            paths[index].feedback?.lost = fates[index].lost
            paths[index].counters.numbersDecided &+= UInt64(fates[index].decided)
            paths[index].counters.numbersLost &+= UInt64(fates[index].lost)
            paths[index].exchange.pendingSince = fates[index].oldest
            paths[index].exchange.plain.forget(before: paths[index].exchange.horizon, arena: &arena)
        }
    }

    /// How long the reorder buffer waits for what the peer sends again.
    mutating func setRepairTime() {
        var shortest = Duration.seconds(1)
        for path in paths where path.isUsable {
            if let time = path.monitor.smoothedRoundTripTime { shortest = min(shortest, time) }
        }
        reorder.repairTime = exchange.isActive ? shortest * 3 + Self.repairSlack : nil
    }

    // MARK: Paths that do not get on

    /// A path on which nothing gets on, or far too slowly, while the peer reports, is suspect until it is empty.
    mutating func suspect(at now: Instant) {
        for index in paths.indices {
            let isStuck = isStuck(index, at: now)
            guard isStuck != paths[index].exchange.isSuspect else { continue }
            if isStuck {
                paths[index].exchange.suspect(at: now)
                exchange.log.abandon(paths[index].number)
                strand(index)
            } else {
                paths[index].exchange.trust()
                paths[index].rate?.drained(at: now)
                if isQueueWanted { paths[index].pace(at: paths[index].rate?.rate) }
            }
            refresh(at: now)
        }
    }

    private func isStuck(_ index: Int, at now: Instant) -> Bool {
        let isAnotherThere = paths.contains {
            $0.number != paths[index].number && $0.monitor.condition == .alive && !$0.exchange.isSuspect
                && $0.monitor.isPunctual(at: now)
        }
        guard isAnotherThere else { return false }
        if paths[index].exchange.isSuspect { return paths[index].exchange.isClogged }
        guard let since = paths[index].exchange.pendingSince else { return false }
        let monitor = paths[index].monitor
        let patience = Self.suspicion + monitor.variation
        let usual = monitor.smoothedRoundTripTime ?? .milliseconds(100)
        let trip = max(usual, monitor.latestRoundTripTime ?? .zero)
        if now - max(since, paths[index].exchange.progress) > trip * 3 / 2 + patience { return true }
        guard let rate = paths[index].rate, let least = rate.leastRoundTrip else { return false }
        return now - since > least * 3 / 2 + patience + Self.overdue + rate.jitter * 6 + rate.packetTime
    }

    /// The path carries nothing any more.
    mutating func abandon(_ index: Int) {
        strand(index)
        guard exchange.isActive else { return }
        exchange.log.abandon(paths[index].number)
        paths[index].exchange.pendingSince = nil
        paths[index].exchange.trust()
        exchange.nextRepair = .zero
    }

    // MARK: Sending again

    /// Ahead of everything that waits, over the path on which it arrives first.
    mutating func sendRepairs(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        exchange.nextRepair = .never
        clearOutdated(arena: &arena)
        sendStranded(at: now, into: &burst, arena: &arena)
        while let (number, entry) = exchange.log.nextRepair() {
            // Without any the next report or change of a path tries again.
            guard let index = path(for: entry.rule, needsNumbers: true, at: now) else { return }
            if let pacer = paths[index].pacer, !pacer.hasRoom(at: now) { return exchange.nextRepair = pacer.free }
            exchange.log.repaired(over: paths[index].number, at: paths[index].exchange.departure(at: now))
            guard arena.hold(entry.slot) else { continue }
            if send(again: entry.slot, number, over: index, at: now, into: &burst, arena: &arena) {
                paths[index].counters.repairsSent &+= 1
            } else {
                arena.release(entry.slot)
            }
        }
    }

    /// Nobody will acknowledge what is so old.
    mutating func forgetOld(at now: Instant, arena: inout PacketArena) {
        exchange.log.forget(before: now - Self.memory, arena: &arena)
        for index in paths.indices {
            paths[index].exchange.plain.forget(before: now - Self.plainMemory, arena: &arena)
        }
    }

    mutating func send(
        again slot: Slot,
        _ number: UInt32?,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        guard let packet = arena.withBytes(slot, { InnerPacket($0) }) else { return false }
        return send(
            slot,
            isIPv4: packet.isIPv4,
            trafficClass: packet.trafficClass,
            sequence: number,
            over: index,
            at: now,
            into: &burst,
            arena: &arena
        )
    }

    /// The place of the flow rule that a kept packet went by.
    func rule(_ kept: Int32) -> Int? { rules.indices.contains(Int(kept)) ? Int(kept) : nil }

    private func mayRepair(_ rule: Int32, over index: Int, needsNumbers: Bool) -> Bool {
        admits(index, self.rule(rule)) && !paths[index].exchange.isSuspect
            && (!needsNumbers || paths[index].parameters.encapsulation.hasGRE)
    }

    /// The path over which it arrives first; one that has no room yet may be worth waiting for.
    private func path(for rule: Int32, needsNumbers: Bool, at now: Instant) -> Int? {
        var best: (index: Int, arrival: Duration)?
        for index in paths.indices where mayRepair(rule, over: index, needsNumbers: needsNumbers) {
            let wait = paths[index].pacer?.lead(at: now) ?? .zero
            let risk = Duration(inSeconds: (paths[index].rate?.loss ?? 0) * Self.repairRisk)
            let arrival = wait + oneWay(index) + risk
            if best.map({ arrival < $0.arrival }) ?? true { best = (index, arrival) }
        }
        return best?.index
    }
}
