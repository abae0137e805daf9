// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Decides packet by packet: TUN device to tunnels (`Ingress.swift`) and tunnels to TUN device (`Egress.swift`).
///
/// Flow: the data plane takes a slot from `arena`, reads a packet into it, hands it over with the moment, and finds
/// what to do in the burst. A slot handed over is the forwarder's: it comes back in the burst, waits in a reorder
/// buffer, or went back to the arena. Owner: one worker thread. No I/O, no clock, no allocation per packet.
///
/// Standards: RFC 2784, 2890, 7676 (GRE); RFC 5845 (keys, TLV header); RFC 2473 §6-7 (tunnel MTU);
/// RFC 5213 §5.6, §6.10.5 and RFC 7148 §5.2.3 (whose packets are carried); RFC 8278 (several paths).
package struct Forwarder: ~Copyable {
    package var arena: PacketArena
    let role: Role
    let seed: UInt64
    var sessions = SessionTable()
    var flowTable = FlowTable()
    var classifier = Classifier()
    var waitingRoom: WaitingRoom
    var drops = DropCounters()
    /// Of the flow rules that were installed last.
    private var generation: UInt32 = 0
    /// Of the sessions that have ended, so that totals never fall.
    private var endedSessions = SessionCounters()
    var tooBig = TooBig()
    var probeSearch = ProbeSearch()
    private var lastAdvance: Instant?

    /// Between two turns of `advance`: a bound on what a crowd of sessions costs.
    private static let granularity = Duration.milliseconds(1)

    /// `seed` makes the choice of paths unpredictable from outside. The sources are those of ICMP errors.
    package init(
        role: Role,
        seed: UInt64,
        ipv6Source: IPv6Address? = nil,
        ipv4Source: IPv4Address? = nil,
        slots: Int = 8192
    ) {
        self.role = role
        self.seed = seed
        arena = PacketArena(slots: slots)
        waitingRoom = WaitingRoom(slots: arena.slots)
        setICMPSources(ipv6: ipv6Source, ipv4: ipv4Source)
    }

    /// Where "packet too big" errors come from; nil sends none of that family.
    package mutating func setICMPSources(ipv6: IPv6Address?, ipv4: IPv4Address?) {
        tooBig.ipv6Source = ipv6
        tooBig.ipv4Source = ipv4
    }

    // MARK: Commands

    package mutating func apply(_ command: ForwardingCommand, at now: Instant, into burst: inout Burst) {
        switch command {
        case .installSession(let number, let parameters): install(number, parameters, at: now, into: &burst)
        case .installPath(let number, let parameters): install(number, parameters, at: now, into: &burst)
        case .removePath(let number): remove(number, at: now, into: &burst)
        case .removeSession(let number): remove(number)
        }
    }

    private mutating func install(
        _ number: SessionNumber,
        _ parameters: SessionParameters,
        at now: Instant,
        into burst: inout Burst
    ) {
        generation &+= 1
        guard let place = sessions.place(of: number) else {
            sessions.insert(Session(number, parameters, role: role, generation: generation))
            return
        }
        sessions.beginChange(place)
        sessions.entries[place].update(parameters, generation: generation, at: now, into: &burst)
        sessions.endChange(place)
    }

    private mutating func install(
        _ number: PathNumber,
        _ parameters: PathParameters,
        at now: Instant,
        into burst: inout Burst
    ) {
        guard let place = sessions.place(of: parameters.session) else { return }
        if let old = sessions.place(of: number), old.session != place { remove(number, at: now, into: &burst) }
        sessions.beginChange(place)
        sessions.entries[place].install(number, parameters, at: now, into: &burst)
        sessions.endChange(place)
        // A fresh path proves itself at once.
        sessions.entries[place].advance(to: now, into: &burst, arena: &arena)
        sessions.touch(place)
    }

    private mutating func remove(_ number: PathNumber, at now: Instant, into burst: inout Burst) {
        guard let place = sessions.place(of: number)?.session else { return }
        sessions.beginChange(place)
        sessions.entries[place].remove(number, at: now, into: &burst)
        sessions.endChange(place)
    }

    private mutating func remove(_ number: SessionNumber) {
        guard let place = sessions.place(of: number) else { return }
        discardQueue(place)
        sessions.entries[place].reorder.discard(into: &arena)
        sessions.entries[place].forgetSent(arena: &arena)
        endedSessions.add(sessions.entries[place].reorder.counters)
        sessions.remove(place)
    }

    // MARK: Time

    /// When `advance` has something to do; nil if never.
    package var nextDeadline: Instant? {
        let earliest = sessions.deadlines.first
        guard earliest != .never else { return nil }
        return max(earliest, (lastAdvance ?? earliest - Self.granularity) + Self.granularity)
    }

    /// Reorder time-outs, probes, silence, and what has waited for room.
    package mutating func advance(to now: Instant, into burst: inout Burst) {
        lastAdvance = now
        var next = 0
        while let place = sessions.deadlines.due(at: now, from: next) {
            sessions.entries[place].advance(to: now, into: &burst, arena: &arena)
            drain(place, at: now, into: &burst)
            sessions.touch(place)
            next = place + 1
        }
    }

    /// The system refused to send on the path (no route, unreachable): it is silent at once, until probes prove it.
    package mutating func transmissionFailed(_ path: PathNumber, at now: Instant, into burst: inout Burst) {
        guard let place = sessions.place(of: path)?.session,
            let index = sessions.entries[place].index(of: path)
        else { return }
        sessions.entries[place].transmissionFailed(index, at: now, into: &burst)
        sessions.entries[place].sendRepairs(at: now, into: &burst, arena: &arena)
        sessions.touch(place)
    }

    // MARK: Inspection

    /// Octets of the largest packet that the session's tunnels carry whole; nil if there is no such session.
    package func tunnelMTU(of session: SessionNumber) -> Int? {
        sessions.place(of: session).map { sessions.entries[$0].tunnelMTU }
    }

    /// Where the path's packets go now; nil if there is no such path.
    package func remote(of path: PathNumber) -> IPAddress? {
        guard let place = sessions.place(of: path)?.session, let index = sessions.entries[place].index(of: path) else {
            return nil
        }
        return sessions.entries[place].paths[index].remote
    }

    package func snapshot() -> ForwarderSnapshot {
        let living = sessions.snapshots
        var sequencing = endedSessions
        for session in living { sequencing.add(session.counters) }
        return ForwarderSnapshot(
            sessions: living,
            drops: drops,
            sequencing: sequencing,
            slotsOutstanding: arena.outstanding,
            slots: arena.slots
        )
    }

    /// Flows sent lately, the newest first.
    package func flows(limit: Int, at now: Instant) -> [FlowSnapshot] { flowTable.snapshots(limit: limit, at: now) }

    mutating func drop(_ slot: Slot, _ reason: DropReason) {
        drops.count(reason)
        arena.release(slot)
    }
}
