// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Packets from tunnels and from hosts: the header readers alone, then a forwarder with two sessions, one with keys and
/// one without, over paths of every encapsulation. Whatever comes, every slot is in one pair of hands, and all are back once the session is gone.
///
/// The input is records: a choice, a length, octets. The choice may put headers in front that lead past the first
/// checks, so that the fuzzer need not guess keys and addresses. The very first octet says which end this is, how packets
/// are distributed, and whether there are flow rules and rates, by which packets wait.
@_cdecl("LLVMFuzzerTestOneInput")
public func decapsulate(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    readHeaders(octets)
    guard let first = octets.first else { return 0 }
    var scene = Scene(
        role: first & 1 == 0 ? .anchor : .gateway,
        distribution: first & 2 == 0
            ? .perPacket(reorderTimeout: .milliseconds(100))
            : first & 4 == 0 ? .perFlow : .automatic(reorderTimeout: .milliseconds(100)),
        hasRules: first & 8 != 0,
        rate: first & 16 == 0 ? nil : 1_000_000
    )
    var reader = ByteReader(Array(octets.dropFirst()))
    while let choice = try? reader.octet("choice"), let length = try? reader.octet("length") {
        let wanted = choice & 0x80 == 0 ? Int(length) : Int(length) * 8
        guard let packet = try? reader.octets(min(wanted, reader.remaining), "packet") else { break }
        scene.perform(choice, packet)
    }
    scene.end()
    return 0
}

private func readHeaders(_ octets: [UInt8]) {
    let span = octets.span.bytes
    _ = UDPHeader(span)
    _ = UDPTLVHeader(span)
    _ = PathProbe(span, key: SipKey(k0: 1, k1: 2))
    if let header = GREHeader(span) { precondition(header.length <= octets.count, "longer than the packet") }
    if let packet = InnerPacket(span) {
        precondition(packet.length <= octets.count, "longer than what was received")
        _ = FiveTuple(packet).description
    }
    if let header = IPv4Header(span) { precondition(header.octets.count == 20, "not a header") }
    if let header = IPv6Header(span) { precondition(header.octets.count == 40, "not a header") }
}

/// A forwarder with a session with keys, and one without. Odd paths are over IPv6, even ones over IPv4; the latter have
/// probes, and those of UDP may move.
private struct Scene: ~Copyable {
    private struct Tunnel {
        var number: Int32
        var encapsulation: Encapsulation
        var isKeyed: Bool
        var isOverIPv4: Bool { number % 2 == 0 }
        var probeKey: SipKey? { isOverIPv4 ? Scene.probeKey : nil }

        func arrival(isInnerIPv4: Bool, port: UInt16, trafficClass: UInt8, isElsewhere: Bool) -> TunnelArrival {
            let transport: TunnelArrival.Transport =
                switch encapsulation {
                case .ipInIP: .ipInIP(isIPv4: isInnerIPv4)
                case .gre: .gre
                case .udp, .udpTLV, .udpTLVGRE: .udp(sourcePort: port)
                }
            let elsewhere: UInt32 = isElsewhere ? 1 : 0
            return isOverIPv4
                ? TunnelArrival(
                    local: .v4(IPv4Address(0xC000_0201)),
                    remote: .v4(IPv4Address(0xC000_0202 + elsewhere)),
                    transport: transport,
                    trafficClass: trafficClass
                )
                : TunnelArrival(
                    local: .v6(IPv6Address(high: 0x2001_0DB8_000A_0000, low: 1)),
                    remote: .v6(IPv6Address(high: 0x2001_0DB8_000B_0000, low: UInt64(1 + elsewhere))),
                    transport: transport,
                    trafficClass: trafficClass
                )
        }
    }

    private static let key: UInt32 = 0x6B65_7931
    private static let probeKey = SipKey(k0: 1, k1: 2)
    private static let keyed = SessionNumber(rawValue: 1)
    private static let unkeyed = SessionNumber(rawValue: 2)
    private static let tunnels: [Tunnel] = {
        var tunnels: [Tunnel] = []
        for encapsulation in Encapsulation.allCases {
            for isKeyed in encapsulation.hasGRE ? [true, false] : [false] {
                for _ in 0..<2 {
                    let number = Int32(tunnels.count + 1)
                    tunnels.append(Tunnel(number: number, encapsulation: encapsulation, isKeyed: isKeyed))
                }
            }
        }
        return tunnels
    }()

    private var forwarder: Forwarder
    private var burst = Burst()
    private var now = Instant.zero
    private var sentAt: UInt64 = 0

    private let rate: Int64?

    init(role: Role, distribution: Distribution, hasRules: Bool, rate: Int64?) {
        self.rate = rate
        forwarder = Forwarder(
            role: role,
            seed: 1,
            ipv6Source: IPv6Address(high: 0x2001_0DB8_0001_0000, low: 1),
            ipv4Source: IPv4Address(0x0A00_0001),
            slots: 64
        )
        for isKeyed in [true, false] {
            // The second octet of the inner addresses tells the sessions apart.
            let texts = isKeyed ? ["2001:db8:1::/48", "10.0.0.0/16"] : ["2001:db8:2::/48", "10.1.0.0/16"]
            let parameters = SessionParameters(
                prefixes: texts.compactMap { IPPrefix($0) },
                sendKey: isKeyed ? 7 : nil,
                receiveKey: isKeyed ? Self.key : nil,
                distribution: distribution,
                rules: hasRules ? Self.rules : []
            )
            forwarder.apply(.installSession(isKeyed ? Self.keyed : Self.unkeyed, parameters), at: now, into: &burst)
        }
        for tunnel in Self.tunnels { install(tunnel) }
        settle()
    }

    /// By the first octets of ports, one rule for each treatment and family, of which the last one of each takes all.
    private static let rules: [FlowRule] = [false, true].flatMap { isIPv4 in
        FlowTreatment.allCases.map { treatment in
            let identifier = UInt16(treatment.rawValue) + (isIPv4 ? 100 : 0)
            let start = UInt16(treatment.rawValue) << 12
            let ports = treatment == .pin ? nil : SelectorRange(start, through: start | 0xFFF)
            var (ipv4, ipv6) = (IPv4TrafficSelector(), IPv6TrafficSelector())
            (ipv4.sourcePorts, ipv6.sourcePorts) = (ports, ports)
            if treatment == .bond { ipv6.securityParameterIndexes = SelectorRange(0, through: 0x7FFF_FFFF) }
            return FlowRule(
                identifier: identifier,
                priority: ports == nil ? identifier + 1000 : identifier,
                selector: isIPv4 ? .ipv4(ipv4) : .ipv6(ipv6),
                treatment: treatment,
                paths: isIPv4 ? .any : .labels([3, 1, 2]),
                isStrict: treatment == .bypass && isIPv4,
                guaranteedRate: treatment == .pin ? 100_000 : nil,
                maximumRate: treatment == .pin ? 500_000 : nil
            )
        }
    }.sorted { $0.priority < $1.priority }

    private mutating func install(_ tunnel: Tunnel) {
        let ends = tunnel.arrival(isInnerIPv4: false, port: 5437, trafficClass: 0, isElsewhere: false)
        let path = PathParameters(
            session: tunnel.isKeyed ? Self.keyed : Self.unkeyed,
            local: ends.local,
            remote: ends.remote,
            encapsulation: tunnel.encapsulation,
            mtu: 1500,
            rate: tunnel.number % 3 == 0 ? nil : rate,
            bindingIdentifier: UInt8(truncatingIfNeeded: tunnel.number),
            probeKey: tunnel.probeKey,
            keepalive: .seconds(1),
            label: UInt8(truncatingIfNeeded: tunnel.number % 4)
        )
        forwarder.apply(.installPath(PathNumber(rawValue: tunnel.number), path), at: now, into: &burst)
    }

    /// Bits 0-2 of the choice: what happens. Bit 3: a right inner header. The first octet then: bits 0-3 over which path,
    /// bits 4-5 the outer congestion mark, bit 6 from another port, bit 7 from another address.
    mutating func perform(_ choice: UInt8, _ octets: [UInt8]) {
        let place = octets.first ?? 0
        let octets = Array(octets.dropFirst())
        let tunnel = Self.tunnels[Int(place & 15) % Self.tunnels.count]
        let inner = choice & 8 != 0 ? Self.dressed(octets, isKeyed: tunnel.isKeyed) : octets
        switch choice & 7 {
        case 0: arrive(octets, place, tunnel)
        case 1: arrive(Self.tunnelled(inner, sequence: nil, tunnel), place, tunnel)
        case 2, 3: arrive(Self.tunnelled(inner, sequence: Self.sequence(octets), tunnel), place, tunnel)
        case 4: arrive(probe(octets, tunnel), place, tunnel)
        case 5: pass(.milliseconds(Int64(octets.count)))
        case 6: fail(PathNumber(rawValue: tunnel.number))
        default: leave(inner)
        }
        if let packet = InnerPacket(inner.span.bytes) {
            let question = FlowQuestion(tuple: FiveTuple(packet))
            if let found = forwarder.explain(question, at: now) {
                precondition((found.path == nil) == found.reason.isWithoutPath, "explains nothing")
            }
        }
        settle()
    }

    private mutating func arrive(_ octets: [UInt8], _ place: UInt8, _ tunnel: Tunnel) {
        guard let slot = forwarder.arena.take(filledWith: octets) else { return }
        let arrival = tunnel.arrival(
            isInnerIPv4: octets.first.map { $0 >> 4 == 4 } ?? false,
            port: place & 0x40 == 0 ? 5437 : 999,
            trafficClass: place >> 4 & 3,
            isElsewhere: place & 0x80 != 0
        )
        forwarder.fromTunnel(slot, arrival, at: now, into: &burst)
    }

    private mutating func leave(_ octets: [UInt8]) {
        guard let slot = forwarder.arena.take(filledWith: octets) else { return }
        forwarder.fromTUN(slot, at: now, into: &burst)
    }

    private mutating func pass(_ time: Duration) {
        now = now + time
        forwarder.advance(to: now, into: &burst)
    }

    private mutating func fail(_ path: PathNumber) { forwarder.transmissionFailed(path, at: now, into: &burst) }

    /// Whoever sends gives the slots back; twice would trap in the arena.
    private mutating func settle() {
        for transmission in burst.transmissions { forwarder.arena.release(transmission.slot) }
        for slot in burst.deliveries {
            let isWhole = forwarder.arena.withBytes(slot) { InnerPacket($0)?.length == $0.byteCount }
            precondition(isWhole, "delivers what is no packet")
            forwarder.arena.release(slot)
        }
        for slot in burst.answers { forwarder.arena.release(slot) }
        burst.clear()
        _ = forwarder.nextDeadline
    }

    mutating func end() {
        _ = forwarder.snapshot()
        _ = forwarder.flows(limit: 10, at: now)
        for session in [Self.keyed, Self.unkeyed] { forwarder.apply(.removeSession(session), at: now, into: &burst) }
        settle()
        precondition(forwarder.arena.outstanding == 0, "slots are lost")
    }

    // MARK: Octets that get far

    private static func tunnelled(_ inner: [UInt8], sequence: UInt32?, _ tunnel: Tunnel) -> [UInt8] {
        let isIPv4 = inner.first.map { $0 >> 4 == 4 } ?? false
        let type = isIPv4 ? GREHeader.ipv4 : GREHeader.ipv6
        let header = GREHeader(protocolType: type, key: tunnel.isKeyed ? key : nil, sequence: sequence)
        return wrapped(inner, header, isIPv4: isIPv4, tunnel)
    }

    private static func wrapped(_ inner: [UInt8], _ header: GREHeader, isIPv4: Bool, _ tunnel: Tunnel) -> [UInt8] {
        let whole = tunnel.encapsulation.hasGRE ? header.octets + inner : inner
        switch tunnel.encapsulation {
        case .ipInIP, .gre, .udp: return whole
        case .udpTLV:
            let next = isIPv4 ? IPProtocol.ipv4 : IPProtocol.ipv6
            return UDPTLVHeader(nextHeader: next, payloadLength: whole.count).octets + whole
        case .udpTLVGRE: return UDPTLVHeader(nextHeader: IPProtocol.gre, payloadLength: whole.count).octets + whole
        }
    }

    /// The last two octets: both ends of the number space, and far jumps.
    private static func sequence(_ octets: [UInt8]) -> UInt32 {
        let low = UInt32(octets.last ?? 0)
        let high = UInt32(octets.dropLast().last ?? 0)
        return low &+ (high & 15) &* 256 &- (high >> 4) &* 0x1000_0000
    }

    private mutating func probe(_ octets: [UInt8], _ tunnel: Tunnel) -> [UInt8] {
        sentAt &+= UInt64(octets.first ?? 0)
        let isFromAnchor = octets.count & 2 == 0
        let probe = PathProbe(
            hearsPeer: octets.count & 1 == 0,
            isFromAnchor: isFromAnchor,
            interval: UInt16(octets.last ?? 0) &* 257,
            bindingIdentifier: UInt8(truncatingIfNeeded: tunnel.number) &+ (octets.count & 12 == 12 ? 1 : 0),
            sentAt: sentAt,
            echo: octets.span.bytes.uint64(at: 1) ?? 0,
            heldFor: octets.span.bytes.uint32(at: 9) ?? 0
        ).octets(key: Self.probeKey)
        let ends = (0x0005_0001, 0x0005_0002) as (UInt64, UInt64)
        let envelope = IPv6Header(
            source: IPv6Address(high: 0xFE80_0000_0000_0000, low: isFromAnchor ? ends.0 : ends.1),
            destination: IPv6Address(high: 0xFE80_0000_0000_0000, low: isFromAnchor ? ends.1 : ends.0),
            nextHeader: 253,
            payloadLength: probe.count,
            hopLimit: 1
        ).octets
        let header = GREHeader(protocolType: GREHeader.pathProbe, key: tunnel.isKeyed ? Self.key : nil)
        let content = tunnel.encapsulation.hasGRE ? probe : envelope + probe
        return Self.wrapped(content, header, isIPv4: false, tunnel)
    }

    /// Version, length and addresses of the session; the rest stays the fuzzer's.
    private static func dressed(_ octets: [UInt8], isKeyed: Bool) -> [UInt8] {
        var octets = octets
        func put(_ values: [UInt8], at offset: Int) {
            for (position, value) in values.enumerated() { octets[offset + position] = value }
        }
        if let first = octets.first, first & 1 == 0, octets.count >= 20 {
            octets[0] = 0x45
            put([UInt8(truncatingIfNeeded: octets.count >> 8), UInt8(truncatingIfNeeded: octets.count)], at: 2)
            put([10, isKeyed ? 0 : 1, 0, 9], at: 12)
            put([10, isKeyed ? 0 : 1, 0, 8], at: 16)
        } else if octets.count >= 40 {
            let length = octets.count - 40
            octets[0] = 0x60
            put([UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)], at: 4)
            let address = IPv6Address(high: isKeyed ? 0x2001_0DB8_0001_0001 : 0x2001_0DB8_0002_0001, low: 9)
            put(address.octets, at: 8)
            put(address.octets, at: 24)
        }
        return octets
    }
}

extension FlowReason {
    fileprivate var isWithoutPath: Bool { self == .dropped || self == .noUsablePath }
}
