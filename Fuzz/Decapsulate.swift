// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Packets from tunnels and from hosts: the header readers alone, then a forwarder with one session over two unlike
/// paths. Whatever comes, every slot is in one pair of hands, and all are back once the session is gone.
///
/// The input is records: a choice, a length, octets. The choice may put headers in front that lead past the first
/// checks, so that the fuzzer need not guess keys and addresses.
@_cdecl("LLVMFuzzerTestOneInput")
public func decapsulate(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    readHeaders(octets)
    guard let first = octets.first else { return 0 }
    var scene = Scene(role: first & 1 == 0 ? .anchor : .gateway, isPerPacket: first & 2 == 0)
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

/// A forwarder with one session: GRE over IPv6 and UDP over IPv4, one with probes.
private struct Scene: ~Copyable {
    private static let key: UInt32 = 0x6B65_7931
    private static let probeKey = SipKey(k0: 1, k1: 2)
    private static let session = SessionNumber(rawValue: 1)
    private static let ipv6 = TunnelArrival(
        local: .v6(IPv6Address(high: 0x2001_0DB8_000A_0000, low: 1)),
        remote: .v6(IPv6Address(high: 0x2001_0DB8_000B_0000, low: 1)),
        transport: .gre
    )
    private static let ipv4 = TunnelArrival(
        local: .v4(IPv4Address(0xC000_0201)),
        remote: .v4(IPv4Address(0xC000_0202)),
        transport: .udp(sourcePort: 5437)
    )

    private var forwarder: Forwarder
    private var burst = Burst()
    private var now = Instant.zero
    private var sentAt: UInt64 = 0

    init(role: Role, isPerPacket: Bool) {
        forwarder = Forwarder(
            role: role,
            seed: 1,
            ipv6Source: IPv6Address(high: 0x2001_0DB8_0001_0000, low: 1),
            ipv4Source: IPv4Address(0x0A00_0001),
            slots: 64
        )
        let prefixes = [IPPrefix("2001:db8:1::/48"), IPPrefix("10.0.0.0/8")].compactMap { $0 }
        let parameters = SessionParameters(
            prefixes: prefixes,
            sendKey: 7,
            receiveKey: Self.key,
            distribution: isPerPacket ? .perPacket(reorderTimeout: .milliseconds(100)) : .perFlow
        )
        forwarder.apply(.installSession(Self.session, parameters), at: now, into: &burst)
        install(1, Self.ipv6, .gre, probeKey: nil)
        install(2, Self.ipv4, .udpTLVGRE, probeKey: Self.probeKey)
        settle()
    }

    private mutating func install(
        _ number: Int32,
        _ ends: TunnelArrival,
        _ encapsulation: Encapsulation,
        probeKey: SipKey?
    ) {
        let path = PathParameters(
            session: Self.session,
            local: ends.local,
            remote: ends.remote,
            encapsulation: encapsulation,
            mtu: 1500,
            rate: nil,
            bindingIdentifier: UInt8(truncatingIfNeeded: number),
            probeKey: probeKey
        )
        forwarder.apply(.installPath(PathNumber(rawValue: number), path), at: now, into: &burst)
    }

    /// Bits 0-2 of the choice: what happens. Bit 3: over which path. Bit 4: an inner header that passes the checks.
    mutating func perform(_ choice: UInt8, _ octets: [UInt8]) {
        let isOverIPv4 = choice & 8 != 0
        let inner = choice & 16 != 0 ? Self.dressed(octets) : octets
        switch choice & 7 {
        case 0: arrive(octets, isOverIPv4)
        case 1: arrive(Self.tunnelled(inner, sequence: nil), isOverIPv4)
        case 2, 3: arrive(Self.tunnelled(inner, sequence: Self.sequence(octets)), isOverIPv4)
        case 4: arrive(probe(octets), isOverIPv4)
        case 5: pass(.milliseconds(Int64(octets.count)))
        case 6: fail(PathNumber(rawValue: isOverIPv4 ? 2 : 1))
        default: leave(inner)
        }
        settle()
    }

    private mutating func arrive(_ octets: [UInt8], _ isOverIPv4: Bool) {
        var whole = octets
        if isOverIPv4 { whole = UDPTLVHeader(nextHeader: IPProtocol.gre, payloadLength: octets.count).octets + octets }
        guard let slot = forwarder.arena.take(filledWith: whole) else { return }
        forwarder.fromTunnel(slot, isOverIPv4 ? Self.ipv4 : Self.ipv6, at: now, into: &burst)
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
        burst.clear()
        _ = forwarder.nextDeadline
    }

    mutating func end() {
        _ = forwarder.snapshot()
        _ = forwarder.flows(limit: 10, at: now)
        forwarder.apply(.removeSession(Self.session), at: now, into: &burst)
        settle()
        precondition(forwarder.arena.outstanding == 0, "slots are lost")
    }

    // MARK: Octets that get far

    private static func tunnelled(_ inner: [UInt8], sequence: UInt32?) -> [UInt8] {
        let isIPv4 = inner.first.map { $0 >> 4 == 4 } ?? false
        let type = isIPv4 ? GREHeader.ipv4 : GREHeader.ipv6
        return GREHeader(protocolType: type, key: key, sequence: sequence).octets + inner
    }

    /// The last two octets: both ends of the number space, and far jumps.
    private static func sequence(_ octets: [UInt8]) -> UInt32 {
        let low = UInt32(octets.last ?? 0)
        let high = UInt32(octets.dropLast().last ?? 0)
        return low &+ (high & 15) &* 256 &- (high >> 4) &* 0x1000_0000
    }

    private mutating func probe(_ octets: [UInt8]) -> [UInt8] {
        sentAt &+= UInt64(octets.first ?? 0)
        let probe = PathProbe(
            hearsPeer: octets.count & 1 == 0,
            isFromAnchor: octets.count & 2 == 0,
            interval: UInt16(octets.last ?? 0) &* 257,
            bindingIdentifier: UInt8(truncatingIfNeeded: octets.count & 3),
            sentAt: sentAt,
            echo: octets.span.bytes.uint64(at: 1) ?? 0,
            heldFor: octets.span.bytes.uint32(at: 9) ?? 0
        )
        let header = GREHeader(protocolType: GREHeader.pathProbe, key: Self.key)
        return header.octets + probe.octets(key: Self.probeKey)
    }

    /// Version, length and addresses of the session; the rest stays the fuzzer's.
    private static func dressed(_ octets: [UInt8]) -> [UInt8] {
        var octets = octets
        func put(_ values: [UInt8], at offset: Int) {
            for (position, value) in values.enumerated() { octets[offset + position] = value }
        }
        if let first = octets.first, first & 1 == 0, octets.count >= 20 {
            octets[0] = 0x45
            put([UInt8(truncatingIfNeeded: octets.count >> 8), UInt8(truncatingIfNeeded: octets.count)], at: 2)
            put([10, 0, 0, 9], at: 12)
            put([10, 0, 0, 8], at: 16)
        } else if octets.count >= 40 {
            let length = octets.count - 40
            octets[0] = 0x60
            put([UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)], at: 4)
            let address = IPv6Address(high: 0x2001_0DB8_0001_0001, low: 9)
            put(address.octets, at: 8)
            put(address.octets, at: 24)
        }
        return octets
    }
}
