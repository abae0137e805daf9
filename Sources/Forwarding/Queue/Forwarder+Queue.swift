// SPDX-License-Identifier: Apache-2.0
import Wire

/// Our own queue, where a path's rate is known: what waits here can be scheduled, and what waits in a modem cannot.
extension Forwarder {
    /// The packet waits for its turn, unless that is now.
    mutating func enqueue(
        _ parcel: Parcel,
        _ verdict: Verdict,
        of place: Int,
        _ memory: inout FlowMemory,
        isAgain: Bool,
        at now: Instant,
        into burst: inout Burst
    ) {
        let kind = sessions.entries[place].kind(of: parcel)
        guard let lane = sessions.entries[place].lane(for: parcel, verdict.way, flow: memory, at: now),
            let path = sessions.entries[place].likelyPath(lane, parcel.rule)
        else { return drop(parcel, of: place, .noUsablePath) }
        guard !waitingRoom.isFull else { return drop(parcel, of: place, .queueFull) }
        if !sessions.entries[place].hasRoom(kind, lane, octets: parcel.octets, rule: parcel.rule, at: now) {
            guard let gone = sessions.entries[place].evict(kind, lane, for: parcel, room: &waitingRoom) else {
                return drop(parcel, of: place, .queueFull)
            }
            drop(gone, of: place, .queueFull)
        }
        var verdict = verdict
        if sessions.entries[place].isSpilling(kind, lane, at: now) { verdict.reason = .overflowing }
        note(parcel, verdict, over: path, of: place, &memory, isAgain: isAgain, at: now)
        var parcel = parcel
        parcel.isSequenced = verdict.isSequenced
        parcel.waitsSince = now
        if verdict.way == .shared { parcel.predecessor = predecessor(of: memory, at: now) }
        sessions.entries[place].enter(parcel, kind, lane, room: &waitingRoom)
        if !isAgain { drain(place, at: now, into: &burst) }
    }

    /// What may go now goes.
    mutating func drain(_ place: Int, at now: Instant, into burst: inout Burst) {
        if sessions.entries[place].exchange.log.hasRepairs {
            sessions.entries[place].sendRepairs(at: now, into: &burst, arena: &arena)
        }
        guard sessions.entries[place].queued > 0 else { return }
        if !sessions.entries[place].orphans.isEmpty { requeue(place, at: now, into: &burst) }
        while let departure = sessions.entries[place].nextDeparture(at: now, room: waitingRoom) {
            guard var leaving = sessions.entries[place].leave(departure, at: now, room: &waitingRoom) else { break }
            guard tell(&leaving, of: place) else { continue }
            let parcel = leaving.parcel
            if departure.lane != departure.path {
                // The flow learns which path the packet took.
                flowTable.correct(parcel.key, path: sessions.entries[place].paths[departure.path].number)
            }
            transmit(parcel, isSequenced: leaving.isSequenced, over: departure.path, of: place, at: now, into: &burst)
        }
        sessions.entries[place].setQueueDeadline(at: now)
    }

    /// What the flow sent without a number, and may still be under way.
    private func predecessor(of memory: FlowMemory, at now: Instant) -> (path: PathNumber, arrives: Instant)? {
        memory.lastPlain.flatMap { $0.arrives > now ? $0 : nil }
    }

    /// Where a flow waits for too long: a mark if its sender understands that (RFC 3168 §5), else the packet is dropped, and
    /// there is nothing to send.
    private mutating func tell(_ leaving: inout Session.Leaving, of place: Int) -> Bool {
        guard leaving.isSignal else { return true }
        let parcel = leaving.parcel
        guard parcel.knowsMarks else {
            drop(parcel, of: place, .queueFull)
            return false
        }
        CongestionNotification.set(
            CongestionNotification.experienced,
            isIPv4: parcel.isIPv4,
            trafficClass: parcel.trafficClass,
            in: parcel.slot,
            arena: arena
        )
        leaving.parcel.trafficClass |= CongestionNotification.experienced
        return true
    }

    /// What waited for paths that are gone, or by rules that are, is classified anew, in its order.
    private mutating func requeue(_ place: Int, at now: Instant, into burst: inout Burst) {
        var orphans: [SlotQueue] = []
        swap(&orphans, &sessions.entries[place].orphans)
        for var lane in orphans {
            while let parcel = waitingRoom.popFirst(&lane) {
                sessions.entries[place].queued -= 1
                guard let packet = arena.withBytes(parcel.slot, { InnerPacket($0) }) else {
                    drop(parcel.slot, .malformed)
                    continue
                }
                let rule = ruleOfSent(packet, in: parcel.slot, parcel.key, of: place, at: now)
                send(parcel.slot, packet, parcel.key, rule: rule, of: place, isAgain: true, at: now, into: &burst)
            }
        }
    }

    /// The session ends.
    mutating func discardQueue(_ place: Int) {
        sessions.entries[place].abandonQueue()
        for var lane in sessions.entries[place].orphans {
            while let parcel = waitingRoom.popFirst(&lane) { arena.release(parcel.slot) }
        }
        sessions.entries[place].orphans = []
        sessions.entries[place].queued = 0
    }
}
