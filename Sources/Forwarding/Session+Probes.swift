// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a session sends and hears beside user packets. Reports have files of their own.
extension Session {
    mutating func sendProbeIfDue(
        _ index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) {
        guard !exchange.isActive, let key = paths[index].monitor.probeKey, paths[index].monitor.isProbeDue(at: now)
        else { return }
        let probe = paths[index].monitor.makeProbe(at: now, isBusy: isBusy(at: now))
        _ = sendControl(probe.octets(key: key), over: index, at: now, into: &burst, arena: &arena)
    }

    /// A probe or a report; whole or not at all if that is wanted. false: memory is short.
    mutating func sendControl(
        _ octets: [UInt8],
        over index: Int,
        isWhole: Bool = false,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        let encapsulation = paths[index].parameters.encapsulation
        let envelope =
            encapsulation.hasGRE ? [] : ProbeEnvelope.header(isFromAnchor: role == .anchor, length: octets.count)
        guard var slot = arena.take(filledWith: envelope + octets) else { return false }
        let header = TunnelHeader(content: .probe, key: parameters.sendKey)
        guard encapsulation.prepend(header, to: &slot, in: arena) else {
            arena.release(slot)
            return false
        }
        paths[index].counters.probesSent &+= 1
        transmit(slot, over: index, isWhole: isWhole, at: now, into: &burst)
        return true
    }

    /// The octets are a probe or a report of the path; false if they prove nothing. The slot stays the caller's.
    mutating func judgeProbe(
        _ slot: Slot,
        over index: Int,
        arrivedAt: Instant,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        guard let (probe, report) = read(slot, of: index, arena, { Self.decode($0, key: $1) }) else {
            return reject(over: index)
        }
        var verdict = PathMonitor.Verdict.rejected
        watch(index, at: now, into: &burst) { verdict = $0.heard(probe, at: arrivedAt) }
        guard verdict == .accepted else { return reject(over: index) }
        paths[index].counters.probesReceived &+= 1
        if let report { heard(report, over: index, arrivedAt: arrivedAt, at: now, into: &burst, arena: &arena) }
        renewTransits()
        findQuickest(at: now)
        sendTrain(index, at: now, into: &burst, arena: &arena)
        return true
    }

    /// Two reports that are made at the same moment have stamps that differ, in nanoseconds.
    private static let stampTolerance: UInt64 = 1_000_000

    private static func decode(_ octets: RawSpan, key: SipKey) -> (PathProbe, PathReport?)? {
        if let probe = PathProbe(octets, key: key) { return (probe, nil) }
        // It is made before it is sent: else the next ones would seem to be older.
        guard let report = PathReport(octets, key: key), report.madeAt <= report.sentAt &+ stampTolerance else {
            return nil
        }
        return (report.probe, report)
    }

    /// Whether the octets are tagged as a probe of this very path.
    func isProbe(_ slot: Slot, of index: Int, arena: borrowing PacketArena) -> Bool {
        let identifier = read(slot, of: index, arena) { octets, key in
            PathSizeProbe.claims(octets)
                ? PathSizeProbe(octets, key: key)?.bindingIdentifier
                : Self.decode(octets, key: key)?.0.bindingIdentifier
        }
        return identifier == paths[index].parameters.bindingIdentifier
    }

    /// What the octets say that came over the path, if the path's key has tagged them; nil: they prove nothing.
    func read<Content>(
        _ slot: Slot,
        of index: Int,
        _ arena: borrowing PacketArena,
        _ decode: (RawSpan, SipKey) -> Content?
    ) -> Content? {
        guard let key = paths[index].monitor.probeKey else { return nil }
        return arena.withBytes(slot) { decode($0, key) }
    }

    /// false: what came proves nothing.
    mutating func reject(over index: Int) -> Bool {
        paths[index].counters.probesRejected &+= 1
        return false
    }

    /// The peer is elsewhere now.
    mutating func move(_ index: Int, to arrival: TunnelArrival, into burst: inout Burst) {
        paths[index].move(to: arrival.remote, port: arrival.port)
        burst.events.append(.pathMoved(paths[index].number, remote: arrival.remote, port: arrival.port))
    }

    /// An empty datagram where one is due (RFC 5844 §4, RFC 3948 §4): nothing but an address translator needs it.
    mutating func keepAlive(_ index: Int, at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        guard now >= paths[index].nextKeepalive else { return }
        paths[index].keptAlive(at: now)
        guard let slot = arena.take(filledWith: []) else { return }
        transmit(slot, over: index, at: now, into: &burst)
    }
}
