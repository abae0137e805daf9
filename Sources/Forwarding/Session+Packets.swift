// SPDX-License-Identifier: Apache-2.0
import Wire

/// User packets that a session sends and gets.
extension Session {
    /// Whether a packet with this source or destination is carried: no multicast, and nothing link-local
    /// (RFC 4291 §2.5.6, RFC 3927 §7).
    static func isForwardable(_ address: IPAddress) -> Bool {
        guard address.isRoutableUnicast else { return false }
        if case .v4(let address) = address { return address.value >> 16 != 0xA9FE }
        return true
    }

    /// nil if the session has no such path, or it may not be used.
    func usableIndex(of path: PathNumber) -> Int? { index(of: path).flatMap { paths[$0].isUsable ? $0 : nil } }

    mutating func advanceSequence(into burst: inout Burst) {
        sendSequence &+= 1
        if sendSequence & (Self.sequencesToTell - 1) == 0 {
            burst.events.append(.sequenceAdvanced(number, sendSequence))
        }
    }

    /// Sends the packet over the path. false if it cannot be encapsulated; the slot stays the caller's then.
    mutating func send(
        _ slot: Slot,
        isIPv4: Bool,
        trafficClass: UInt8,
        sequence: UInt32?,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        let header = TunnelHeader(content: isIPv4 ? .ipv4 : .ipv6, key: parameters.sendKey, sequence: sequence)
        var whole = slot
        guard paths[index].parameters.encapsulation.prepend(header, to: &whole, in: arena) else { return false }
        paths[index].counters.sentPackets &+= 1
        paths[index].counters.sentOctets &+= UInt64(slot.count)
        transmit(
            whole,
            over: index,
            trafficClass: outerTrafficClass(trafficClass, over: index),
            isIPv4: isIPv4,
            at: now,
            into: &burst
        )
        paths[index].sizes.sends(paths[index].outerOctets(Int(whole.count)), at: now)
        noteTraffic(at: now, into: &burst, arena: &arena)
        return true
    }

    /// The differentiated services code point is copied (RFC 2983 §4.1, RFC 2473 §6.4).
    private func outerTrafficClass(_ inner: UInt8, over index: Int) -> UInt8 {
        // RFC 6040 §4.3: marks go into the tunnel only if the other end is known to bring them out again: it is one of
        // ours if it knows probes. Else compatibility mode: Not-ECT.
        let isUnderstood = paths[index].monitor.probeKey != nil
        return isUnderstood ? inner : inner & ~CongestionNotification.mask
    }

    mutating func transmit(
        _ slot: Slot,
        over index: Int,
        trafficClass: UInt8 = 0,
        isIPv4: Bool = false,
        isWhole: Bool = false,
        at now: Instant,
        into burst: inout Burst
    ) {
        let octets = paths[index].outerOctets(Int(slot.count))
        paths[index].sent(octets, at: now)
        burst.transmissions.append(
            Transmission(
                path: paths[index].number,
                slot: slot,
                remote: paths[index].remote,
                port: paths[index].remotePort,
                trafficClass: trafficClass,
                isIPv4: isIPv4,
                isWhole: isWhole
            )
        )
    }

    /// A user packet that passed all checks; nil if it was delivered or is held, else why it was dropped. One of a rule that
    /// duplicates comes over several paths, and the first that comes is delivered at once.
    mutating func receive(
        _ slot: Slot,
        sequence: UInt32?,
        rule: Int?,
        over index: Int,
        arrivedAt: Instant,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> DropReason? {
        let octets = Int(slot.count)
        paths[index].counters.receivedPackets &+= 1
        paths[index].counters.receivedOctets &+= UInt64(slot.count)
        paths[index].monitor.heardUserPacket(at: arrivedAt)
        if exchange.isActive { noteReceived(slot, sequence, over: index, at: arrivedAt) }
        noteTraffic(at: now, into: &burst, arena: &arena)
        guard let sequence else {
            if let rule { rules[rule].counters.received.count(octets: octets) }
            burst.deliveries.append(slot)
            return nil
        }
        let newest = paths[index].newestSequence
        let isNews = newest.map { ReorderBuffer.distance(from: $0, to: sequence) > 0 } ?? true
        // Every path delivers in order: what it brings anew is the peer's copy, and no sign of a peer that restarted.
        let isCopied = rule.map { rules[$0].rule.treatment == .duplicate } ?? false
        let kind: ReorderBuffer.Kind = isCopied ? (isNews ? .copy : .urgent) : .ordinary
        let verdict = reorder.insert(slot, sequence: sequence, kind, at: now, into: &burst, arena: &arena)
        let isDropped = verdict == .copy || verdict == .duplicate || verdict == .stale
        if let rule, !isDropped { rules[rule].counters.received.count(octets: octets) }
        switch verdict {
        case .inOrder, .held, .ahead, .copy:
            if isNews { paths[index].newestSequence = sequence }
            releaseProven(at: now, into: &burst)
            // Bad news travels at once.
            sendReportsIfDue(at: now, into: &burst, arena: &arena)
        case .resynchronised:
            forgetNumbers()
            paths[index].newestSequence = sequence
        case .duplicate, .stale: return .duplicate
        case .late, .suspect: break
        }
        return nil
    }

    /// What came over the paths was of another number space.
    mutating func forgetNumbers() {
        for index in paths.indices {
            paths[index].newestSequence = nil
            paths[index].exchange.forgetNumbers()
        }
    }

    /// Every path delivers in order. So what is missing is lost, and not late, once every path that is in use and carries
    /// sequence numbers has delivered something newer.
    mutating func releaseProven(at now: Instant, into burst: inout Burst) {
        guard !exchange.isActive else { return proveLost(at: now, into: &burst) }
        guard reorder.isWaiting else { return }
        var least = Int.max
        for path in paths where path.isSequenced {
            guard let newest = path.newestSequence else { return }
            let distance = ReorderBuffer.distance(from: reorder.expected, to: newest)
            guard distance > 0 else { return }
            least = min(least, distance)
        }
        guard let least = UInt32(exactly: least) else { return }
        reorder.giveUp(before: reorder.expected &+ least, into: &burst)
    }
}
