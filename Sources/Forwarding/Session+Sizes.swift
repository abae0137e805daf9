// SPDX-License-Identifier: Apache-2.0
import Wire

/// How large the session's packets may be: probes of paths' sizes, and the tunnel's MTU that follows from them.
extension Session {
    /// Bounds of the time in which a probe is answered.
    private static let patience = (least: Duration.milliseconds(200), most: Duration.seconds(1))

    mutating func sendSizeProbes(_ index: Int, at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        guard now >= paths[index].sizes.nextDeadline, let key = paths[index].monitor.probeKey else { return }
        let before = paths[index].mtu
        for size in paths[index].sizes.sizesDue(at: now, patience: patience(over: index)) {
            let number = sendSizeProbe(of: size, over: index, key, at: now, into: &burst, arena: &arena)
            if let number { paths[index].sizes.sent(size, number: number) }
        }
        if paths[index].mtu < before { forgiveLosses(of: index, at: now) }
        measureMTU(into: &burst)
    }

    /// Once, soon after the path has come up: packets that tell how slow it is, where nobody says.
    mutating func sendTrain(_ index: Int, at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        guard paths[index].monitor.condition == .alive, paths[index].monitor.knowsReports,
            paths[index].parameters.boundingRate(of: role) == nil, let key = paths[index].monitor.probeKey,
            let size = paths[index].train.departs(at: now)
        else { return }
        for _ in 0..<PathTrain.length {
            let number = sendSizeProbe(of: size, over: index, key, at: now, into: &burst, arena: &arena)
            if let number { paths[index].train.sent(number) }
        }
    }

    /// Returns its number; nil: nothing so small is sent.
    private mutating func sendSizeProbe(
        of size: Int,
        over index: Int,
        _ key: SipKey,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> UInt64? {
        let headers = probeOverhead(of: index)
        guard size >= headers + PathSizeProbe.length else { return nil }
        let probe = PathSizeProbe(
            isAnswer: false,
            isFromAnchor: role == .anchor,
            size: UInt16(clamping: size - headers),
            bindingIdentifier: paths[index].parameters.bindingIdentifier,
            number: paths[index].monitor.stamp(at: now)
        )
        _ = sendControl(probe.octets(key: key), over: index, isWhole: true, at: now, into: &burst, arena: &arena)
        return probe.number
    }

    /// What came is a probe of the path's size, or the answer to one of ours; false if it is neither. The slot stays the
    /// caller's. It proves nothing else of the path.
    mutating func judgeSizeProbe(
        _ slot: Slot,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) -> Bool {
        guard let key = paths[index].monitor.probeKey,
            var probe = read(slot, of: index, arena, { PathSizeProbe($0, key: $1) }),
            probe.isFromAnchor != (role == .anchor),
            probe.bindingIdentifier == paths[index].parameters.bindingIdentifier
        else { return reject(over: index) }
        paths[index].counters.probesReceived &+= 1
        paths[index].knowsSizeProbes = true
        followSizes(of: index, at: now)
        if probe.isAnswer {
            paths[index].sizes.arrived(number: probe.number, at: now)
            measureMTU(into: &burst)
            let size = Int(probe.size) + probeOverhead(of: index)
            paths[index].train.prepare(octets: size, at: now + (role == .anchor ? .zero : PathTrain.gatewayDelay))
            sendTrain(index, at: now, into: &burst, arena: &arena)
            if let rate = paths[index].train.answered(probe.number, at: now) { suppose(rate, of: index) }
        } else {
            // What is too large one way often is the other way.
            let size = Int(probe.size) + probeOverhead(of: index)
            if size < paths[index].sizes.size { paths[index].sizes.suspect(at: now) }
            probe.isAnswer = true
            probe.isFromAnchor = role == .anchor
            _ = sendControl(probe.octets(key: key), over: index, at: now, into: &burst, arena: &arena)
        }
        sendSizeProbes(index, at: now, into: &burst, arena: &arena)
        return true
    }

    /// Only what lives and answers is asked how large it is.
    mutating func followSizes(of index: Int, at now: Instant) {
        let isUsable = paths[index].monitor.condition == .alive && paths[index].knowsSizeProbes
        paths[index].sizes.setUsable(isUsable, at: now)
    }

    /// What every installed path carries, used or not: hosts shall not learn a new MTU each time a path falls silent.
    /// Without paths the last one stands.
    mutating func measureMTU(into burst: inout Burst) {
        guard let smallest = paths.map({ $0.tunnelMTU(hasKey: parameters.sendKey != nil) }).min() else { return }
        setTunnelMTU(max(Self.minimumMTU, smallest), into: &burst)
    }

    /// RFC 791: what every IPv4 module forwards whole. A smaller path MTU is a mistake in the configuration.
    private static let minimumMTU = 68

    /// A queue on the way is measured with the round trip.
    private func patience(over index: Int) -> Duration {
        let trip = paths[index].monitor.smoothedRoundTripTime ?? .zero
        return min(max(trip * 2 + .milliseconds(100), Self.patience.least), Self.patience.most)
    }

    /// Octets from the outer IP header to a probe: GRE has no sequence number there, and what is without GRE an envelope.
    private func probeOverhead(of index: Int) -> Int {
        let encapsulation = paths[index].parameters.encapsulation
        let hasKey = parameters.sendKey != nil
        return encapsulation.overhead(outerIsIPv4: paths[index].remote.isIPv4, hasKey: hasKey)
            + (encapsulation.hasGRE ? -4 : IPv6Header.length)
    }
}
