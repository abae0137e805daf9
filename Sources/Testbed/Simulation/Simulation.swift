// SPDX-License-Identifier: Apache-2.0
package import Forwarding
package import Wire

/// A site and the Internet with a gateway and an anchor between them, joined by access lines, in virtual time: the very
/// forwarders of the daemons, links by script, and hosts whose TCP does as Linux's. The same seed gives the same run.
///
///     site host ── gateway ══ lines 1…n ══ anchor ── Internet host
package final class Simulation {
    package struct Line {
        package var up: SimulatedLink
        package var down: SimulatedLink
        /// What the operator says of it, in bits per second; nil: nothing.
        package var configuredUp: Int64?
        package var configuredDown: Int64?
        package var label: UInt8
        package var metrics: LinkMetrics

        package init(
            up: SimulatedLink,
            down: SimulatedLink,
            configuredUp: Int64? = nil,
            configuredDown: Int64? = nil,
            label: UInt8,
            metrics: LinkMetrics = LinkMetrics()
        ) {
            self.up = up
            self.down = down
            self.configuredUp = configuredUp
            self.configuredDown = configuredDown
            self.label = label
            self.metrics = metrics
        }
    }

    private struct Packet {
        /// The first octets: all headers, and what tells which segment it is.
        var octets: [UInt8]
        /// Of the whole packet behind the outer IP or UDP header.
        var count: Int
    }

    /// What is on its way in one direction of a line: in order, for a line overtakes nobody.
    private struct Flight {
        private var packets: [(arrival: Instant, packet: Packet)] = []
        private var head = 0

        var nextArrival: Instant { head < packets.count ? packets[head].arrival : .never }

        mutating func append(_ packet: Packet, arrival: Instant) { packets.append((arrival, packet)) }

        mutating func removeFirst() -> Packet {
            defer {
                head += 1
                if head > 1024 {
                    packets.removeFirst(head)
                    head = 0
                }
            }
            return packets[head].packet
        }
    }

    /// Enough for tunnel headers and those of a segment with its mark.
    private static let octetsCopied = 128
    private static let session = SessionNumber(rawValue: 1)
    private static let siteHost = IPv4Address(0x0A01_0002)
    private static let internetHost = IPv4Address(0xC633_6407)
    private static let lineAddress: UInt32 = 0xC000_0200
    private static let anchorAddress = IPAddress.v4(IPv4Address(0xCB00_7101))

    /// When every simulation begins.
    package static let origin = Instant(nanoseconds: 1_000_000_000)

    /// Whether both ends tell each other what arrives.
    private let hasReports: Bool
    package private(set) var now = Simulation.origin
    package private(set) var lines: [Line]
    package private(set) var flows: [SimulatedFlow] = []
    private var gateway: Forwarder
    private var anchor: Forwarder
    private var burst = Burst()
    /// By line.
    private var flightsUp: [Flight]
    private var flightsDown: [Flight]
    private var segments: [UInt64: SimulatedSegment] = [:]
    private var lastMark: UInt64 = 0

    package init(_ lines: [Line], _ distribution: Distribution, rules: [FlowRule] = [], hasReports: Bool = false) {
        self.hasReports = hasReports
        self.lines = lines
        flightsUp = lines.map { _ in Flight() }
        flightsDown = lines.map { _ in Flight() }
        gateway = Forwarder(role: .gateway, seed: 42)
        anchor = Forwarder(role: .anchor, seed: 43)
        install(distribution, rules: rules)
        for index in lines.indices {
            installPath(index)
        }
    }

    /// Gives both ends other rules.
    package func install(_ distribution: Distribution, rules: [FlowRule]) {
        for isGateway in [true, false] {
            let parameters = SessionParameters(
                prefixes: [IPPrefix(host: .v4(Self.siteHost))],
                sendKey: isGateway ? 1 : 2,
                receiveKey: isGateway ? 2 : 1,
                distribution: distribution,
                rules: rules
            )
            apply(.installSession(Self.session, parameters), atGateway: isGateway)
        }
    }

    private func installPath(_ index: Int) {
        let line = lines[index]
        let address = IPAddress.v4(IPv4Address(Self.lineAddress + UInt32(index)))
        for isGateway in [true, false] {
            let parameters = PathParameters(
                session: Self.session,
                local: isGateway ? address : Self.anchorAddress,
                remote: isGateway ? Self.anchorAddress : address,
                encapsulation: .gre,
                mtu: 1500,
                rate: isGateway ? line.configuredUp : line.configuredDown,
                bindingIdentifier: UInt8(clamping: index + 1),
                probeKey: SipKey(k0: 1, k1: 2),
                hasReports: hasReports,
                hasSizeProbes: hasReports,
                label: line.label,
                metrics: line.metrics
            )
            apply(.installPath(PathNumber(rawValue: Int32(index + 1)), parameters), atGateway: isGateway)
        }
    }

    /// Begins a flow; its place among `flows`.
    package func add(
        _ kind: SimulatedFlow.Kind,
        isDownload: Bool = true,
        port: UInt16,
        at start: Duration = .zero,
        until end: Duration? = nil,
        codePoint: UInt8 = 0
    ) -> Int {
        flows.append(
            SimulatedFlow(
                kind,
                isDownload: isDownload,
                port: port,
                startsAt: now + start,
                endsAt: end.map { now + $0 } ?? .never,
                codePoint: codePoint
            )
        )
        return flows.count - 1
    }

    /// Mbit/s of payload that the flow's receiver had from one moment to the other, counted from the simulation's begin.
    package func goodput(_ flow: Int, from start: Duration, to end: Duration) -> Double {
        let count = flows[flow].count(from: Self.origin + start, to: Self.origin + end)
        let seconds = Double((end - start).wholeNanoseconds) / 1e9
        return Double(count * payload(of: flows[flow]) * 8) / seconds / 1e6
    }

    package var gatewaySnapshot: ForwarderSnapshot { gateway.snapshot() }
    package var anchorSnapshot: ForwarderSnapshot { anchor.snapshot() }

    // MARK: Time

    package func run(for duration: Duration) {
        let end = now + duration
        while true {
            var next = min(gateway.nextDeadline ?? .never, anchor.nextDeadline ?? .never)
            for index in lines.indices {
                next = min(next, flightsUp[index].nextArrival, flightsDown[index].nextArrival)
            }
            for flow in flows { next = min(next, flow.deadline) }
            guard next <= end else { break }
            now = max(now, next)
            step()
        }
        now = end
    }

    private func step() {
        for index in lines.indices {
            while flightsUp[index].nextArrival <= now {
                arrive(flightsUp[index].removeFirst(), over: index, isUp: true)
            }
            while flightsDown[index].nextArrival <= now {
                arrive(flightsDown[index].removeFirst(), over: index, isUp: false)
            }
        }
        for index in flows.indices where flows[index].deadline <= now {
            send(flows[index].deadlineReached(at: now), of: index)
        }
        if let deadline = gateway.nextDeadline, deadline <= now {
            gateway.advance(to: now, into: &burst)
            flush(fromGateway: true)
        }
        if let deadline = anchor.nextDeadline, deadline <= now {
            anchor.advance(to: now, into: &burst)
            flush(fromGateway: false)
        }
    }

    // MARK: Packets

    private func arrive(_ packet: Packet, over line: Int, isUp: Bool) {
        let address = IPAddress.v4(IPv4Address(Self.lineAddress + UInt32(line)))
        let arrival = TunnelArrival(
            local: isUp ? Self.anchorAddress : address,
            remote: isUp ? address : Self.anchorAddress,
            transport: .gre
        )
        if isUp {
            guard let slot = Self.place(packet, in: &anchor.arena) else { return }
            anchor.fromTunnel(slot, arrival, at: now, into: &burst)
        } else {
            guard let slot = Self.place(packet, in: &gateway.arena) else { return }
            gateway.fromTunnel(slot, arrival, at: now, into: &burst)
        }
        flush(fromGateway: !isUp)
    }

    private func send(_ segments: [(SimulatedSegment, isSender: Bool)], of index: Int) {
        for (segment, isSender) in segments {
            // From the site's host, or from the Internet's.
            let isUp = isSender != flows[index].isDownload
            let packet = packet(with: segment, of: flows[index], isUp: isUp)
            if isUp {
                guard let slot = Self.place(packet, in: &gateway.arena) else { continue }
                gateway.fromTUN(slot, at: now, into: &burst)
            } else {
                guard let slot = Self.place(packet, in: &anchor.arena) else { continue }
                anchor.fromTUN(slot, at: now, into: &burst)
            }
            flush(fromGateway: isUp)
        }
    }

    private static func place(_ packet: Packet, in arena: inout PacketArena) -> Slot? {
        var slot = arena.take(filledWith: packet.octets)
        slot?.count = Int32(clamping: packet.count)
        return slot
    }

    private static func packet(_ slot: Slot, in arena: borrowing PacketArena) -> Packet {
        var head = slot
        // Of probes and reports every octet counts.
        let isControl = arena.withBytes(slot) { GREHeader($0)?.protocolType == GREHeader.pathProbe }
        if !isControl { head.count = min(head.count, Int32(octetsCopied)) }
        return Packet(octets: arena.octets(head), count: Int(slot.count))
    }

    private func apply(_ command: ForwardingCommand, atGateway isGateway: Bool) {
        if isGateway {
            gateway.apply(command, at: now, into: &burst)
        } else {
            anchor.apply(command, at: now, into: &burst)
        }
        flush(fromGateway: isGateway)
    }

    /// Onto the lines, and to the hosts.
    private func flush(fromGateway isGateway: Bool) {
        let produced = burst
        burst.clear()
        for transmission in produced.transmissions {
            let slot = transmission.slot
            let packet =
                isGateway ? Self.packet(slot, in: gateway.arena) : Self.packet(slot, in: anchor.arena)
            launch(packet, line: Int(transmission.path.rawValue) - 1, isUp: isGateway)
        }
        let delivered = produced.deliveries.map { slot in
            isGateway ? Self.packet(slot, in: gateway.arena) : Self.packet(slot, in: anchor.arena)
        }
        for slot in produced.transmissions.map(\.slot) + produced.deliveries + produced.answers {
            if isGateway { gateway.arena.release(slot) } else { anchor.arena.release(slot) }
        }
        for packet in delivered { deliver(packet) }
    }

    private func launch(_ packet: Packet, line: Int, isUp: Bool) {
        // With the outer header.
        let octets = packet.count + 20
        if isUp {
            if let arrival = lines[line].up.send(octets, at: now) { flightsUp[line].append(packet, arrival: arrival) }
        } else {
            if let arrival = lines[line].down.send(octets, at: now) {
                flightsDown[line].append(packet, arrival: arrival)
            }
        }
    }

    private func deliver(_ packet: Packet) {
        guard let (mark, port) = SimulatedPacket.mark(of: packet.octets), let segment = segments[mark],
            let index = flows.firstIndex(where: { $0.port == port })
        else { return }
        send(flows[index].receive(segment, at: now), of: index)
    }

    private func packet(with segment: SimulatedSegment, of flow: SimulatedFlow, isUp: Bool) -> Packet {
        lastMark += 1
        segments[lastMark] = segment
        // Long enough for everything that is still on its way.
        segments[lastMark &- 200_000] = nil
        let isData = if case .acknowledgement = segment { false } else { true }
        var isTCP = false
        if case .tcp = flow.kind { isTCP = true }
        let octets = SimulatedPacket.header(
            from: isUp ? Self.siteHost : Self.internetHost,
            to: isUp ? Self.internetHost : Self.siteHost,
            isTCP: isTCP,
            // The host in the Internet is the one with the known port.
            ports: isUp ? (40000, flow.port) : (flow.port, 40000),
            payload: isData ? payload(of: flow) : 0,
            codePoint: flow.codePoint,
            mark: lastMark
        )
        return Packet(octets: octets, count: octets.count + (isData ? payload(of: flow) : 0) - (isTCP ? 0 : 8))
    }

    private func payload(of flow: SimulatedFlow) -> Int {
        switch flow.kind {
        case .tcp: (anchor.tunnelMTU(of: Self.session) ?? 1280) - SimulatedPacket.tcpOverhead
        case .udp(_, let payload): max(8, payload)
        }
    }
}
