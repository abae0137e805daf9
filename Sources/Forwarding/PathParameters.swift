// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the control plane knows of a path.
package struct PathParameters: Equatable, Sendable {
    package var session: SessionNumber
    /// Our end of the tunnel.
    package var local: IPAddress
    /// The peer's end of the tunnel, as signalling knows it; probes may know better (`Path.remote`).
    package var remote: IPAddress
    package var encapsulation: Encapsulation
    /// Path MTU in octets, outer headers included; the path may turn out to carry less.
    package var mtu: Int
    /// Bits per second that an operator configured; nil: what the metrics say.
    package var rate: Int64?
    /// BID (RFC 8278 §4.1): names the path in probes and keeps flows in place when paths come and go.
    package var bindingIdentifier: UInt8
    /// nil: the peer does not know probes; the path counts as alive at once.
    package var probeKey: SipKey?
    /// Whether the peer knows reports, which take the place of probes.
    package var hasReports: Bool
    /// Whether the peer answers probes of the path's size.
    package var hasSizeProbes: Bool
    /// Which of the machine's links carries the path, where that tells it from another one between the same addresses;
    /// 0 elsewhere.
    package var outlet: Int32
    /// How often an empty datagram goes out for an address translator's sake; nil: never. Probes do as well.
    package var keepalive: Duration?
    /// How far the clock that probes are stamped with is ahead of instants, which begin anew with the machine: a
    /// session that outlives it would else be stamped as it was long ago, and be taken for a replay.
    package var probeClockAhead: Duration
    /// By which flow rules name the path (RFC 8278 §4.1).
    package var label: UInt8
    package var metrics: LinkMetrics

    package init(
        session: SessionNumber,
        local: IPAddress,
        remote: IPAddress,
        encapsulation: Encapsulation,
        mtu: Int,
        rate: Int64?,
        bindingIdentifier: UInt8,
        probeKey: SipKey?,
        hasReports: Bool = false,
        hasSizeProbes: Bool = false,
        outlet: Int32 = 0,
        keepalive: Duration? = nil,
        probeClockAhead: Duration = .zero,
        label: UInt8 = 0,
        metrics: LinkMetrics = LinkMetrics()
    ) {
        self.session = session
        self.local = local
        self.remote = remote
        self.encapsulation = encapsulation
        self.mtu = mtu
        self.rate = rate
        self.bindingIdentifier = bindingIdentifier
        self.probeKey = probeKey
        self.hasReports = hasReports
        self.hasSizeProbes = hasSizeProbes
        self.outlet = outlet
        self.keepalive = keepalive
        self.probeClockAhead = probeClockAhead
        self.label = label
        self.metrics = metrics
    }

    /// Bits per second that an end of this role may send, as far as anybody knows: a measured rate included.
    package func knownRate(of role: Role) -> Int64? {
        let told = role == .gateway ? metrics.uplinkRate : metrics.downlinkRate
        return rate ?? told.map { Int64(clamping: $0) }
    }

    /// The rate that bounds what is sent: a measured one bounds nothing, since the line may carry more.
    package func boundingRate(of role: Role) -> Int64? {
        rate ?? (metrics.isMeasured ? nil : knownRate(of: role))
    }

    /// Octets of the largest inner packet that needs no fragmentation of the outer one.
    package func tunnelMTU(hasKey: Bool) -> Int {
        mtu &- encapsulation.overhead(outerIsIPv4: remote.isIPv4, hasKey: hasKey)
    }
}
