// SPDX-License-Identifier: Apache-2.0
import Wire

/// One mobile node's bindings together: its paths, its sequence numbers in both directions, its buffer.
struct Session: Sendable {
    /// A session counts as busy for so long after a user packet.
    static let busyTime = Duration.milliseconds(500)
    /// How long the receiver waits for a missing packet where our own distribution does not say.
    static let defaultReorderTimeout = Duration.milliseconds(100)
    /// Between two words about how far the sequence numbers are; a power of two.
    static let sequencesToTell: UInt32 = 1 << 23

    let number: SessionNumber
    let role: Role
    private(set) var parameters: SessionParameters
    /// Another one with other rules; no two sessions have one in common.
    private(set) var generation: UInt32
    var rules: [RuleState] = []
    var paths: [Path] = []
    /// The usable path with the shortest round trip, and since when; nil: no round trip is known.
    var quickest: (path: PathNumber, since: Instant)?
    /// Whether every usable path's rate is known or learnt, and all can carry numbers: then bulk is bonded.
    private(set) var isBondable = false
    /// How steady paths were that went, by Binding Identifier: a link that comes and goes brings new ones.
    private var departed: [UInt8: Steadiness] = [:]
    /// By flow rule, and then thin and the rest; empty where nothing ever waits.
    var classes: [TrafficClass] = []
    /// The classes that have packets, the next one to be served first.
    var active: [Int] = []
    /// Packets that wait, orphans included.
    var queued = 0
    /// What waited in classes and for paths that are others now.
    var orphans: [SlotQueue] = []
    var queueDeadline = Instant.never
    var capacity = RecentCapacity()
    var reorder: ReorderBuffer
    var exchange = ReportExchange()
    private(set) var tunnelMTU = 1280
    private var reportedMTU: Int?
    /// The number that the next packet with one carries.
    var sendSequence: UInt32
    private var lastTraffic: Instant?

    init(_ number: SessionNumber, _ parameters: SessionParameters, role: Role, generation: UInt32) {
        self.number = number
        self.role = role
        self.parameters = parameters
        self.generation = generation
        rules = Self.states(of: parameters.rules)
        sendSequence = parameters.firstSequence
        reorder = ReorderBuffer(timeout: Self.reorderTimeout(parameters))
    }

    /// What stands where no session is: it has no paths, and owns nothing.
    static let vacant = Session(
        SessionNumber(rawValue: -1),
        SessionParameters(prefixes: [], sendKey: nil, receiveKey: nil, distribution: .perFlow),
        role: .gateway,
        generation: 0
    )

    private static func reorderTimeout(_ parameters: SessionParameters) -> Duration {
        switch parameters.distribution {
        case .perFlow: defaultReorderTimeout
        case .perPacket(let timeout), .automatic(let timeout): timeout
        }
    }

    /// Mutating, so that asking does not copy the session.
    var nextDeadline: Instant {
        mutating get {
            var deadline = min(reorder.nextDeadline, exchange.nextDeadline, orphans.isEmpty ? queueDeadline : .zero)
            for index in paths.indices { deadline = min(deadline, paths[index].nextDeadline) }
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
            queued: queued,
            kept: kept,
            rules: rules.map(\.counters),
            paths: paths.map(\.snapshot)
        )
    }

    func index(of path: PathNumber) -> Int? { paths.firstIndex { $0.number == path } }

    /// The path that the packet came over. Several may have these ends: at a gateway they are told apart by the link, at
    /// an anchor by the port that an address translator has given each; if none has the port, one of them has a new one.
    /// Mutating, so that asking does not copy the session.
    mutating func index(of arrival: TunnelArrival, _ encapsulation: Encapsulation) -> Int? {
        var between: Int?
        for index in paths.indices where isBetween(arrival, encapsulation, index) {
            if paths[index].remotePort == arrival.port { return index }
            between = between ?? index
        }
        return between
    }

    /// Whether the arrival's ends are the path's, but for the port.
    func isBetween(_ arrival: TunnelArrival, _ encapsulation: Encapsulation, _ index: Int) -> Bool {
        paths[index].remote == arrival.remote && isAt(arrival, encapsulation, index)
    }

    /// Whether the near end is the path's.
    func isAt(_ arrival: TunnelArrival, _ encapsulation: Encapsulation, _ index: Int) -> Bool {
        paths[index].parameters.encapsulation == encapsulation && paths[index].parameters.outlet == arrival.outlet
            && paths[index].parameters.local == arrival.local
    }

    func owns(_ address: IPAddress) -> Bool { parameters.prefixes.contains { $0.contains(address) } }

    // MARK: Commands

    /// `generation` is for rules that have changed.
    mutating func update(
        _ new: SessionParameters,
        generation: UInt32,
        at now: Instant,
        into burst: inout Burst
    ) {
        // RFC 2890 §2.2: the number space belongs to the key.
        if new.sendKey != parameters.sendKey {
            sendSequence = new.firstSequence
            exchange.isLogOutdated = true
        }
        if new.receiveKey != parameters.receiveKey {
            reorder.restart(into: &burst)
        } else if new.sender != parameters.sender {
            reorder.changeSender(into: &burst)
        }
        if new.receiveKey != parameters.receiveKey || new.sender != parameters.sender {
            forgetNumbers()
        }
        let isOther = new.rules != parameters.rules || new.distribution != parameters.distribution
        if new.rules != parameters.rules { install(new.rules, generation: generation) }
        parameters = new
        if isOther { renewQueue() }
        refresh(at: now)
        reorder.timeout = Self.reorderTimeout(new)
        // A key takes room.
        measureMTU(into: &burst)
    }

    private static func states(of rules: [FlowRule], known: [FlowRule: RuleCounters] = [:]) -> [RuleState] {
        rules.indices.map { RuleState(rules[$0], at: $0, in: rules, counters: known[rules[$0]]) }
    }

    /// A rule that stays as it was keeps its counters.
    private mutating func install(_ new: [FlowRule], generation: UInt32) {
        abandonQueue()
        exchange.isLogOutdated = true
        let old = Dictionary(rules.map { ($0.rule, $0.counters) }, uniquingKeysWith: { first, _ in first })
        rules = Self.states(of: new, known: old)
        for place in rules.indices { rules[place].rank(paths, role: role) }
        self.generation = generation
    }

    mutating func install(_ path: PathNumber, _ new: PathParameters, at now: Instant, into burst: inout Burst) {
        if let index = index(of: path) {
            if paths[index].isSameTunnel(new) {
                paths[index].update(new, at: now)
            } else {
                abandon(index)
                let (counters, steadiness) = (paths[index].counters, paths[index].steadiness)
                paths[index] = Path(path, new, role: role, at: now)
                paths[index].counters = counters
                paths[index].steadiness = steadiness
                exchange.forgetPeer()
                burst.events.append(.pathCondition(path, paths[index].monitor.condition))
            }
        } else {
            var fresh = Path(path, new, role: role, at: now)
            if let known = departed.removeValue(forKey: new.bindingIdentifier) { fresh.steadiness = known }
            if fresh.monitor.condition == .alive { fresh.steadiness.returned(at: now) }
            paths.append(fresh)
            burst.events.append(.pathCondition(path, paths[paths.count - 1].monitor.condition))
        }
        pathsChanged(at: now, into: &burst)
    }

    mutating func remove(_ path: PathNumber, at now: Instant, into burst: inout Burst) {
        guard let index = index(of: path) else { return }
        abandon(index)
        var gone = paths.remove(at: index)
        gone.steadiness.failed(at: now)
        departed[gone.parameters.bindingIdentifier] = gone.steadiness
        pathsChanged(at: now, into: &burst)
    }

    private mutating func pathsChanged(at now: Instant, into burst: inout Burst) {
        weigh()
        chooseReports(at: now, into: &burst)
        for place in rules.indices { rules[place].rank(paths, role: role) }
        renewBounds()
        renewQueue()
        refresh(at: now)
        measureMTU(into: &burst)
    }

    private mutating func weigh() {
        let rates = paths.compactMap { $0.parameters.knownRate(of: role).map { Double(max(1, $0)) } }
        let mean = rates.isEmpty ? 1 : rates.reduce(0, +) / Double(rates.count)
        for index in paths.indices {
            paths[index].weight = paths[index].parameters.knownRate(of: role).map { Double(max(1, $0)) } ?? mean
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

    /// Which paths may carry user packets, and what follows from that.
    mutating func refresh(at now: Instant) {
        let isAnyAlive = paths.contains { $0.monitor.condition == .alive }
        let wanted: PathCondition = isAnyAlive ? .alive : .unproven
        // The last octets of a line, and one that is bad, are for what has no other.
        for index in paths.indices {
            paths[index].isHeldBack =
                exchange.isActive && !paths[index].steadiness.isReliable(at: now) && canBeSpared(index)
        }
        let isAnyGood = paths.contains { $0.monitor.condition == wanted && !$0.isLastResort }
        var isOther = false
        for index in paths.indices {
            let isUsable = paths[index].monitor.condition == wanted && !(isAnyGood && paths[index].isLastResort)
            isOther = isOther || isUsable != paths[index].isUsable
            paths[index].isUsable = isUsable
            followSizes(of: index, at: now)
        }
        if isOther { abandonQueue() }
        for place in rules.indices { rules[place].refresh(paths) }
        isBondable =
            paths.count > 1
            && paths.allSatisfy {
                !$0.isUsable
                    || $0.parameters.encapsulation.hasGRE
                        && ($0.rate != nil || $0.parameters.knownRate(of: role) != nil)
            }
        for index in paths.indices { paths[index].isSequenced = carriesNumbers(index) }
        renewTransits()
        findQuickest(at: now)
    }

    /// Whether the peer, which has the same rules, may send packets with sequence numbers over the path.
    private func carriesNumbers(_ index: Int) -> Bool {
        guard paths[index].isUsable, paths[index].parameters.encapsulation.hasGRE else { return false }
        // Where nothing of ours carries numbers, the peer is of another opinion, and may use any.
        guard parameters.distribution == .perFlow, rules.contains(where: \.mayBeSequenced) else { return true }
        return rules.contains { $0.mayBeSequenced && $0.admits(index) }
    }

    mutating func setTunnelMTU(_ mtu: Int, into burst: inout Burst) {
        tunnelMTU = mtu
        guard tunnelMTU != reportedMTU else { return }
        reportedMTU = tunnelMTU
        burst.events.append(.mtuChanged(number, tunnelMTU))
    }

    // MARK: Time

    mutating func advance(to now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        reorder.advance(to: now, into: &burst, arena: &arena)
        for index in paths.indices {
            watch(index, at: now, into: &burst) { $0.advance(to: now) }
            sendProbeIfDue(index, at: now, into: &burst, arena: &arena)
            sendSizeProbes(index, at: now, into: &burst, arena: &arena)
            keepAlive(index, at: now, into: &burst, arena: &arena)
        }
        releaseProven(at: now, into: &burst)
        lookAround(at: now, into: &burst, arena: &arena)
        sendRepairs(at: now, into: &burst, arena: &arena)
        sendReportsIfDue(at: now, into: &burst, arena: &arena)
    }

    /// Whatever the change does to the path's condition becomes known.
    mutating func watch(
        _ index: Int,
        at now: Instant,
        into burst: inout Burst,
        _ change: (inout PathMonitor) -> Void
    ) {
        let before = paths[index].monitor.condition
        change(&paths[index].monitor)
        let after = paths[index].monitor.condition
        guard after != before else { return }
        let reason = after == .silent ? paths[index].monitor.silenceReason : nil
        burst.events.append(.pathCondition(paths[index].number, after, because: reason))
        switch after {
        case .silent:
            // One that carried nothing has failed nobody.
            if paths[index].quarantine.reason != .harmful { paths[index].steadiness.failed(at: now) }
            abandon(index)
        case .alive: paths[index].steadiness.returned(at: now)
        case .unproven: break
        }
        refresh(at: now)
        // What is known of it may be that it is bad.
        if after == .alive { judge(index, at: now) }
    }

    func isBusy(at now: Instant) -> Bool { hasCarried(within: Self.busyTime, at: now) }

    func hasCarried(within time: Duration, at now: Instant) -> Bool { lastTraffic.map { now - $0 < time } ?? false }

    /// A user packet passed in either direction.
    mutating func noteTraffic(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        let wasBusy = isBusy(at: now)
        lastTraffic = now
        guard !wasBusy else { return }
        for index in paths.indices {
            paths[index].monitor.hasten(at: now)
            sendProbeIfDue(index, at: now, into: &burst, arena: &arena)
        }
        exchange.nextLook = now + ReportExchange.lookTime
        sendReportsIfDue(at: now, into: &burst, arena: &arena)
    }

    mutating func transmissionFailed(_ index: Int, at now: Instant, into burst: inout Burst) {
        paths[index].counters.transmissionsFailed &+= 1
        watch(index, at: now, into: &burst) { $0.failed(at: now) }
        releaseProven(at: now, into: &burst)
    }
}
