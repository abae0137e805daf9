// SPDX-License-Identifier: Apache-2.0
import Wire

/// One mobile node's bindings together: its paths, its sequence numbers in both directions, its buffer.
struct Session: Sendable {
    /// A session counts as busy for so long after a user packet.
    static let busyTime = Duration.milliseconds(500)
    /// How long the receiver waits for a missing packet where our own distribution does not say.
    static let defaultReorderTimeout = Duration.milliseconds(100)

    let number: SessionNumber
    private let role: Role
    private(set) var parameters: SessionParameters
    var paths: [Path] = []
    var reorder: ReorderBuffer
    private(set) var tunnelMTU = 1280
    private var reportedMTU: Int?
    private var sendSequence: UInt32 = 0
    private var lastTraffic: Instant?

    init(_ number: SessionNumber, _ parameters: SessionParameters, role: Role) {
        self.number = number
        self.role = role
        self.parameters = parameters
        reorder = ReorderBuffer(timeout: Self.reorderTimeout(parameters))
    }

    /// What stands where no session is: it has no paths, and owns nothing.
    static let vacant = Session(
        SessionNumber(rawValue: -1),
        SessionParameters(prefixes: [], sendKey: nil, receiveKey: nil, distribution: .perFlow),
        role: .gateway
    )

    private static func reorderTimeout(_ parameters: SessionParameters) -> Duration {
        if case .perPacket(let timeout) = parameters.distribution { timeout } else { defaultReorderTimeout }
    }

    /// Mutating, so that asking does not copy the session.
    var nextDeadline: Instant {
        mutating get {
            var deadline = reorder.nextDeadline
            for index in paths.indices { deadline = min(deadline, paths[index].monitor.nextDeadline) }
            return deadline
        }
    }

    var snapshot: SessionSnapshot {
        SessionSnapshot(
            number: number,
            parameters: parameters,
            tunnelMTU: tunnelMTU,
            counters: reorder.counters,
            held: reorder.held,
            paths: paths.map(\.snapshot)
        )
    }

    func index(of path: PathNumber) -> Int? { paths.firstIndex { $0.number == path } }

    func owns(_ address: IPAddress) -> Bool { parameters.prefixes.contains { $0.contains(address) } }

    // MARK: Commands

    mutating func update(_ new: SessionParameters, into burst: inout Burst) {
        // RFC 2890 §2.2: the number space belongs to the key.
        if new.sendKey != parameters.sendKey { sendSequence = 0 }
        if new.receiveKey != parameters.receiveKey {
            reorder.restart(into: &burst)
            for index in paths.indices { paths[index].newestSequence = nil }
        }
        parameters = new
        reorder.timeout = Self.reorderTimeout(new)
    }

    mutating func install(_ path: PathNumber, _ new: PathParameters, at now: Instant, into burst: inout Burst) {
        if let index = index(of: path) {
            if paths[index].isSameTunnel(new) {
                paths[index].parameters = new
            } else {
                let counters = paths[index].counters
                paths[index] = Path(path, new, role: role, at: now)
                paths[index].counters = counters
                burst.events.append(.pathCondition(path, paths[index].monitor.condition))
            }
        } else {
            paths.append(Path(path, new, role: role, at: now))
            burst.events.append(.pathCondition(path, paths[paths.count - 1].monitor.condition))
        }
        pathsChanged(into: &burst)
    }

    mutating func remove(_ path: PathNumber, into burst: inout Burst) {
        paths.removeAll { $0.number == path }
        pathsChanged(into: &burst)
    }

    private mutating func pathsChanged(into burst: inout Burst) {
        weigh()
        refresh()
        measureMTU(into: &burst)
    }

    private mutating func weigh() {
        let rates = paths.compactMap { $0.parameters.rate.map { Double(max(1, $0)) } }
        let mean = rates.isEmpty ? 1 : rates.reduce(0, +) / Double(rates.count)
        for index in paths.indices {
            paths[index].weight = paths[index].parameters.rate.map { Double(max(1, $0)) } ?? mean
            paths[index].backlog = 0
            // Two paths of one binding identifier would draw the same lots.
            let identifier = paths[index].parameters.bindingIdentifier
            let isShared = paths.contains {
                $0.parameters.bindingIdentifier == identifier && $0.number != paths[index].number
            }
            let number = UInt64(UInt32(bitPattern: paths[index].number.rawValue))
            paths[index].salt = UInt64(identifier) | (isShared ? (number &+ 1) << 8 : 0)
        }
    }

    /// Which paths may carry user packets.
    private mutating func refresh() {
        let isAnyAlive = paths.contains { $0.monitor.condition == .alive }
        for index in paths.indices {
            paths[index].isUsable = paths[index].monitor.condition == (isAnyAlive ? .alive : .unproven)
        }
    }

    /// What every installed path carries, used or not: hosts shall not learn a new MTU each time a path falls silent.
    /// Without paths the last one stands.
    private mutating func measureMTU(into burst: inout Burst) {
        guard let smallest = paths.map(\.parameters.tunnelMTU).min() else { return }
        tunnelMTU = max(Self.minimumMTU, smallest)
        guard tunnelMTU != reportedMTU else { return }
        reportedMTU = tunnelMTU
        burst.events.append(.mtuChanged(number, tunnelMTU))
    }

    /// RFC 791: what every IPv4 module forwards whole. A smaller path MTU is a mistake in the configuration.
    private static let minimumMTU = 68

    // MARK: Time

    mutating func advance(to now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        reorder.advance(to: now, into: &burst, arena: &arena)
        for index in paths.indices {
            watch(index, into: &burst) { $0.advance(to: now) }
            sendProbeIfDue(index, at: now, into: &burst, arena: &arena)
        }
        releaseProven(into: &burst)
    }

    /// Whatever the change does to the path's condition becomes known.
    private mutating func watch(_ index: Int, into burst: inout Burst, _ change: (inout PathMonitor) -> Void) {
        let before = paths[index].monitor.condition
        change(&paths[index].monitor)
        let after = paths[index].monitor.condition
        guard after != before else { return }
        let reason = after == .silent ? paths[index].monitor.silenceReason : nil
        burst.events.append(.pathCondition(paths[index].number, after, because: reason))
        refresh()
    }

    private func isBusy(at now: Instant) -> Bool { lastTraffic.map { now - $0 < Self.busyTime } ?? false }

    /// A user packet passed in either direction.
    private mutating func noteTraffic(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        let wasBusy = isBusy(at: now)
        lastTraffic = now
        guard !wasBusy else { return }
        for index in paths.indices {
            paths[index].monitor.hasten(at: now)
            sendProbeIfDue(index, at: now, into: &burst, arena: &arena)
        }
    }

    // MARK: Probes

    private mutating func sendProbeIfDue(
        _ index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) {
        guard let key = paths[index].monitor.probeKey, paths[index].monitor.isProbeDue(at: now) else { return }
        let probe = paths[index].monitor.makeProbe(at: now, isBusy: isBusy(at: now))
        guard var slot = arena.take(filledWith: probe.octets(key: key)) else { return }
        let header = GREHeader(protocolType: GREHeader.pathProbe, key: parameters.sendKey)
        guard paths[index].parameters.encapsulation.prepend(header, to: &slot, in: arena) else {
            arena.release(slot)
            return
        }
        paths[index].counters.probesSent &+= 1
        transmit(slot, over: index, into: &burst)
    }

    private func transmit(_ slot: Slot, over index: Int, into burst: inout Burst) {
        let transmission = Transmission(path: paths[index].number, slot: slot, port: paths[index].remotePort)
        burst.transmissions.append(transmission)
    }

    /// The octets behind GRE are a probe; false if it proves nothing. The slot stays the caller's.
    mutating func receiveProbe(
        _ slot: Slot,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        guard let key = paths[index].monitor.probeKey,
            let probe = arena.withBytes(slot, { PathProbe($0, key: key) })
        else {
            paths[index].counters.probesRejected &+= 1
            return false
        }
        var verdict = PathMonitor.Verdict.rejected
        watch(index, into: &burst) { verdict = $0.heard(probe, at: now) }
        guard verdict == .accepted else {
            paths[index].counters.probesRejected &+= 1
            return false
        }
        paths[index].counters.probesReceived &+= 1
        sendProbeIfDue(index, at: now, into: &burst, arena: &arena)
        return true
    }

    mutating func transmissionFailed(_ index: Int, at now: Instant, into burst: inout Burst) {
        paths[index].counters.transmissionsFailed &+= 1
        watch(index, into: &burst) { $0.failed(at: now) }
        releaseProven(into: &burst)
    }

    // MARK: User packets

    /// Whether a packet with this source or destination is carried: no multicast, and nothing link-local
    /// (RFC 4291 §2.5.6, RFC 3927 §7).
    static func isForwardable(_ address: IPAddress) -> Bool {
        guard address.isRoutableUnicast else { return false }
        if case .v4(let address) = address { return address.value >> 16 != 0xA9FE }
        return true
    }

    mutating func choosePathPerPacket(_ octets: Int) -> Int? { PerPacket.choose(octets, among: &paths) }

    func choosePathPerFlow(_ flow: UInt64) -> Int? { PerFlow.choose(flow, among: paths) }

    /// nil if the session has no such path, or it may not be used.
    func usableIndex(of path: PathNumber) -> Int? { index(of: path).flatMap { paths[$0].isUsable ? $0 : nil } }

    /// Sends the packet over the path. false if it cannot be encapsulated; the slot stays the caller's then.
    mutating func send(
        _ slot: Slot,
        over index: Int,
        protocolType: UInt16,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        var header = GREHeader(protocolType: protocolType, key: parameters.sendKey)
        if case .perPacket = parameters.distribution { header.sequence = sendSequence }
        var whole = slot
        guard paths[index].parameters.encapsulation.prepend(header, to: &whole, in: arena) else { return false }
        if header.sequence != nil { sendSequence &+= 1 }
        paths[index].counters.sentPackets &+= 1
        paths[index].counters.sentOctets &+= UInt64(slot.count)
        transmit(whole, over: index, into: &burst)
        noteTraffic(at: now, into: &burst, arena: &arena)
        return true
    }

    /// A user packet that passed all checks; nil if it was delivered or is held, else why it was dropped.
    mutating func receive(
        _ slot: Slot,
        sequence: UInt32?,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> DropReason? {
        paths[index].counters.receivedPackets &+= 1
        paths[index].counters.receivedOctets &+= UInt64(slot.count)
        paths[index].monitor.heardUserPacket(at: now)
        noteTraffic(at: now, into: &burst, arena: &arena)
        guard let sequence else {
            burst.deliveries.append(slot)
            return nil
        }
        switch reorder.insert(slot, sequence: sequence, at: now, into: &burst, arena: &arena) {
        case .inOrder, .held:
            let newest = paths[index].newestSequence ?? sequence &- 1
            if ReorderBuffer.distance(from: newest, to: sequence) > 0 { paths[index].newestSequence = sequence }
            releaseProven(into: &burst)
        case .resynchronised:
            for index in paths.indices { paths[index].newestSequence = nil }
            paths[index].newestSequence = sequence
        case .duplicate: return .duplicate
        case .late, .suspect: break
        }
        return nil
    }

    /// Every path delivers in order. So what is missing is lost, and not late, once every path that is in use has
    /// delivered something newer.
    private mutating func releaseProven(into burst: inout Burst) {
        guard reorder.isWaiting else { return }
        var least = Int.max
        for path in paths where path.isUsable {
            guard let newest = path.newestSequence else { return }
            let distance = ReorderBuffer.distance(from: reorder.expected, to: newest)
            guard distance > 0 else { return }
            least = min(least, distance)
        }
        guard let least = UInt32(exactly: least) else { return }
        reorder.giveUp(before: reorder.expected &+ least, into: &burst)
    }
}
