// SPDX-License-Identifier: Apache-2.0
import Wire

/// A packet whose flow rule is known goes its way.
extension Forwarder {
    /// `isAgain`: it has waited in a queue that is gone.
    mutating func send(
        _ slot: Slot,
        _ packet: InnerPacket,
        _ key: FlowTable.Key,
        rule: Int?,
        of place: Int,
        isAgain: Bool = false,
        at now: Instant,
        into burst: inout Burst
    ) {
        // Nothing overtakes what has waited in a queue that is gone.
        if !isAgain, !sessions.entries[place].orphans.isEmpty { drain(place, at: now, into: &burst) }
        let acting = sessions.entries[place].acting(rule)
        var parcel = Parcel(slot, packet, key: key, rule: acting, matching: rule)
        var memory = FlowMemory(at: now)
        // Packet by packet without a rule: nothing of the flow matters.
        if rule != nil || !sessions.entries[place].isPerPacket {
            memory = flowTable.memory(of: key, at: now) ?? memory
        }
        if acting != nil { memory.obeyRule() }
        if acting == nil, sessions.entries[place].isAutomatic {
            parcel.isAside = isPureAcknowledgement(packet, in: slot)
            memory.pour(parcel.isAside || isAgain ? 0 : packet.length, at: now)
            parcel.isThin =
                parcel.isAside || !memory.isBulk && !sessions.entries[place].isTooMuchForQuickest(packet.length)
        }
        var verdict = sessions.entries[place].judge(
            rule: rule,
            flow: memory,
            digest: key.digest,
            isThin: parcel.isThin,
            at: now
        )
        if parcel.isAside, verdict.reason == .quickest, case .path(let quick) = verdict.way {
            verdict.way = .path(sessions.entries[place].soonest(for: parcel, insteadOf: quick, at: now))
        }
        go(parcel, verdict, of: place, &memory, isAgain: isAgain, at: now, into: &burst)
    }

    private mutating func go(
        _ parcel: Parcel,
        _ verdict: Verdict,
        of place: Int,
        _ memory: inout FlowMemory,
        isAgain: Bool,
        at now: Instant,
        into burst: inout Burst
    ) {
        switch verdict.way {
        case .dropped(let reason): drop(parcel, of: place, reason)
        case .copies:
            guard sessions.entries[place].bookCopies(of: parcel, at: now) else {
                return drop(parcel, of: place, .queueFull)
            }
            guard let path = sendCopies(parcel, of: place, at: now, into: &burst) else { return }
            note(parcel, verdict, over: path, of: place, &memory, isAgain: isAgain, at: now)
        case .shared, .path:
            if sessions.entries[place].isQueueing {
                return enqueue(parcel, verdict, of: place, &memory, isAgain: isAgain, at: now, into: &burst)
            }
            guard let path = sessions.entries[place].path(for: parcel, verdict.way, flow: memory, at: now) else {
                return drop(parcel, of: place, .noUsablePath)
            }
            note(parcel, verdict, over: path, of: place, &memory, isAgain: isAgain, at: now)
            transmit(parcel, isSequenced: verdict.isSequenced, over: path, of: place, at: now, into: &burst)
        }
    }

    /// The flow remembers where the packet went.
    mutating func note(
        _ parcel: Parcel,
        _ verdict: Verdict,
        over path: Int,
        of place: Int,
        _ memory: inout FlowMemory,
        isAgain: Bool,
        at now: Instant
    ) {
        let number = sessions.entries[place].paths[path].number
        if !verdict.isSequenced {
            memory.settle(on: number, isAside: parcel.isAside)
            memory.lastPlain = (number, sessions.entries[place].arrival(of: parcel, over: path, at: now))
        }
        let step = FlowTable.Step(
            path: number,
            octets: isAgain ? nil : parcel.octets,
            rule: parcel.matching.map { sessions.entries[place].rules[$0].rule.identifier },
            reason: verdict.reason
        )
        flowTable.note(parcel.key, step, memory, at: now)
        if let rule = parcel.matching, !isAgain {
            sessions.entries[place].rules[rule].counters.sent.count(octets: parcel.octets)
        }
    }

    mutating func transmit(
        _ parcel: Parcel,
        isSequenced: Bool,
        over path: Int,
        of place: Int,
        at now: Instant,
        into burst: inout Burst
    ) {
        let hasNumber = isSequenced && sessions.entries[place].paths[path].parameters.encapsulation.hasGRE
        let number = sessions.entries[place].sendSequence
        let isSent = sessions.entries[place].send(
            parcel.slot,
            isIPv4: parcel.isIPv4,
            trafficClass: parcel.trafficClass,
            sequence: hasNumber ? number : nil,
            over: path,
            at: now,
            into: &burst,
            arena: &arena
        )
        guard isSent else { return drop(parcel.slot, .malformed) }
        guard hasNumber else {
            return sessions.entries[place].noteSentPlain(parcel, over: path, at: now, arena: &arena)
        }
        sessions.entries[place].noteSent(parcel, number, over: path, isCopy: false, at: now, arena: &arena)
        sessions.entries[place].advanceSequence(into: &burst)
        sessions.entries[place].sendTrialCopy(at: now, into: &burst, arena: &arena)
    }

    /// The same number over each path of the rule that carries numbers. Returns the first of the paths; nil: the packet
    /// was dropped.
    private mutating func sendCopies(
        _ parcel: Parcel,
        of place: Int,
        at now: Instant,
        into burst: inout Burst
    ) -> Int? {
        let sequence = sessions.entries[place].sendSequence
        var first: Int?
        for path in sessions.entries[place].paths.indices
        where sessions.entries[place].takesCopies(path, parcel.rule, at: now) {
            // Where memory is short, one path has to do.
            guard let slot = first == nil ? parcel.slot : arena.copy(parcel.slot) else { break }
            let isSent = sessions.entries[place].send(
                slot,
                isIPv4: parcel.isIPv4,
                trafficClass: parcel.trafficClass,
                sequence: sequence,
                over: path,
                at: now,
                into: &burst,
                arena: &arena
            )
            if isSent {
                if first == nil {
                    sessions.entries[place].noteSent(parcel, sequence, over: path, isCopy: true, at: now, arena: &arena)
                }
                first = first ?? path
            } else if first != nil {
                arena.release(slot)
            }
        }
        guard let first else {
            drop(parcel, of: place, .queueFull)
            return nil
        }
        sessions.entries[place].advanceSequence(into: &burst)
        return first
    }

    mutating func drop(_ parcel: Parcel, of place: Int, _ reason: DropReason) {
        if let rule = parcel.matching { sessions.entries[place].rules[rule].counters.sent.drops &+= 1 }
        drop(parcel.slot, reason)
    }

    /// Nothing but an acknowledgement of TCP: it goes ahead, and nobody minds the order.
    private func isPureAcknowledgement(_ packet: InnerPacket, in slot: Slot) -> Bool {
        guard packet.protocolNumber == IPProtocol.tcp, !packet.isFragment, let offset = packet.transportOffset else {
            return false
        }
        return arena.withBytes(slot) { octets in
            guard let length = octets.octet(at: offset + 12), let flags = octets.octet(at: offset + 13) else {
                return false
            }
            // | Data Offset |Rsrvd|C|E|U|A|P|R|S|F|: A without R, S and F, and nothing behind the header.
            return flags & 0b1_0111 == 0b1_0000 && offset + Int(length >> 4) * 4 == packet.length
        }
    }
}
