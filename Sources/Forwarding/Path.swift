// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One tunnel of a session.
package struct Path: Sendable {
    package let number: PathNumber
    package private(set) var parameters: PathParameters
    package var monitor: PathMonitor
    package var counters = PathCounters()

    /// Share of the session's traffic, relative to the other paths.
    package var weight = 1.0
    /// What rendezvous hashing knows the path by: the same after a re-registration.
    package var salt: UInt64
    /// Whether user packets may be sent.
    package var isUsable = false
    /// Whether the peer may send packets with sequence numbers over it.
    package var isSequenced = false
    package var steadiness = Steadiness()
    /// Of a path whose rate bounds what is sent.
    package private(set) var pacer: Pacer?
    /// When it was last given a packet that other paths could have taken.
    var lastShared = Instant.zero
    /// A quick path that carries little of what much slower ones do: bundles take it last.
    var isSupplement = false
    /// How much of that thin flows may have ahead of others.
    package var overtaking: Pacer?
    /// Learnt from reports; nil: there are none.
    package var rate: PathRate?
    var quarantine = Quarantine()
    /// It failed again and again, and has not been back for long.
    var isHeldBack = false
    /// What tells how slow it is, before anything is sent.
    var train = PathTrain()
    /// Bits per second that the train has told.
    var supposedRate: Double?
    /// How large outer packets may be.
    var sizes: PathSizeSearch
    /// Whether the peer answers probes of sizes.
    var knowsSizeProbes: Bool
    /// How long packets take, to be compared with other paths of the session.
    package var transit = Duration.zero
    /// Octets over weight that the path was given more than the least used one.
    package var backlog = 0.0
    /// What reports say of it.
    package var exchange = PathExchange()
    /// What the newest report told.
    var feedback: PathFeedback?
    /// The highest sequence number that came over it, or before which all that was to come over it has.
    package var newestSequence: UInt32?
    /// Where the peer's authenticated UDP packets come from: a NAT on the way may change its mind (RFC 5844 §4.1).
    package private(set) var remote: IPAddress
    /// 0 without UDP.
    package private(set) var remotePort: UInt16
    /// When the next empty datagram is due.
    package private(set) var nextKeepalive = Instant.never

    /// More often would be no keeping alive.
    private static let shortestKeepalive = Duration.seconds(1)

    package init(_ number: PathNumber, _ parameters: PathParameters, role: Role, at now: Instant) {
        self.number = number
        self.parameters = parameters
        monitor = PathMonitor(role: role, parameters: parameters, at: now)
        sizes = PathSizeSearch(limit: parameters.mtu, isIPv4: parameters.remote.isIPv4)
        knowsSizeProbes = parameters.hasSizeProbes
        salt = UInt64(parameters.bindingIdentifier)
        remote = parameters.remote
        remotePort = parameters.encapsulation.isUDP ? MobilityPort.data : 0
        if needsKeepalive { nextKeepalive = now }
    }

    /// Whether these parameters mean the same tunnel, about which everything known stays true. Signalling may have
    /// learnt where the peer is now, or may not know yet that it has moved.
    package func isSameTunnel(_ other: PathParameters) -> Bool {
        parameters.local == other.local && (parameters.remote == other.remote || remote == other.remote)
            && parameters.encapsulation == other.encapsulation && parameters.probeKey == other.probeKey
            && parameters.bindingIdentifier == other.bindingIdentifier && parameters.outlet == other.outlet
    }

    /// The same tunnel with other properties.
    package mutating func update(_ new: PathParameters, at now: Instant) {
        let old = parameters.keepalive
        parameters = new
        if new.hasReports { monitor.knowsReports = true }
        if new.hasSizeProbes { knowsSizeProbes = true }
        sizes.change(limit: new.mtu, isIPv4: new.remote.isIPv4, at: now)
        if old != new.keepalive { nextKeepalive = needsKeepalive ? now : .never }
    }

    /// An authenticated packet of the peer came from there.
    package mutating func move(to remote: IPAddress, port: UInt16) {
        self.remote = remote
        remotePort = port
    }

    // MARK: Size

    /// Path MTU in octets: what is configured, or what probes have found.
    var mtu: Int { sizes.octets(within: parameters.mtu) }

    /// Octets of the largest inner packet that needs no fragmentation of the outer one.
    func tunnelMTU(hasKey: Bool) -> Int {
        parameters.tunnelMTU(hasKey: hasKey) &- (parameters.mtu &- mtu)
    }

    /// Whether it is for what has no other.
    var isLastResort: Bool {
        parameters.metrics.isExhausted || quarantine.reason == .harmful || exchange.isSuspect || isHeldBack
    }

    /// Whether bundles do without it, as long as they have another one.
    var isLeftOut: Bool { quarantine.reason == .weak }

    /// Whether it is on trial, and there is room for a copy of what goes over others.
    func takesTrialCopies(at now: Instant) -> Bool {
        quarantine.trial?.takesCopies(at: now) == true && monitor.condition == .alive && !exchange.isSuspect
            && pacer?.hasRoom(at: now) == true && parameters.encapsulation.hasGRE
    }

    // MARK: Rate

    /// For how long thin flows may go beyond their share.
    private static let overtakingBurst = Duration.milliseconds(40)

    /// Bits per second that bound what is sent; nil: nothing does. The clocks go on where there were such.
    package mutating func pace(at rate: UInt64?) {
        guard let rate else {
            (pacer, overtaking) = (nil, nil)
            return
        }
        guard pacer?.rate != max(1, rate) else { return }
        pacer = pacer ?? Pacer(rate: rate)
        pacer?.rate = rate
        overtaking = overtaking ?? Pacer(rate: rate / 4, credit: Self.overtakingBurst)
        overtaking?.rate = rate / 4
    }

    /// So many outer octets went out.
    package mutating func sent(_ octets: Int, at now: Instant) {
        pacer?.debit(octets, at: now)
        rate?.sent(octets, at: now)
    }

    /// Of the outer packet, of which the kernel adds IP and UDP headers.
    package func outerOctets(_ octets: Int) -> Int {
        octets + (remote.isIPv4 ? 20 : 40) + (parameters.encapsulation.isUDP ? UDPHeader.length : 0)
    }

    // MARK: Keepalive

    /// Probes keep a translator's memory fresh as they are.
    private var needsKeepalive: Bool {
        parameters.keepalive != nil && parameters.encapsulation.isUDP && parameters.probeKey == nil
    }

    package mutating func keptAlive(at now: Instant) {
        nextKeepalive = parameters.keepalive.map { now + max($0, Self.shortestKeepalive) } ?? .never
    }

    package var nextDeadline: Instant { min(monitor.nextDeadline, nextKeepalive, sizes.nextDeadline) }

    package var snapshot: PathSnapshot {
        PathSnapshot(
            number: number,
            parameters: parameters,
            mtu: mtu,
            remote: remote,
            remotePort: remotePort,
            condition: monitor.condition,
            isUsable: isUsable,
            counters: counters,
            latestRoundTripTime: monitor.latestRoundTripTime,
            smoothedRoundTripTime: monitor.smoothedRoundTripTime,
            feedback: feedback,
            learnt: rate.map {
                LearntPath(
                    rate: $0.rate,
                    queueDelay: $0.queueDelay,
                    loss: $0.loss,
                    isQuarantined: quarantine.isClosed
                )
            },
            lastHeard: monitor.lastHeard
        )
    }
}
