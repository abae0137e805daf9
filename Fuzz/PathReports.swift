// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Reports and probes of sizes as they may come from a tunnel: octets without the key, anything at all under a right tag,
/// and what a forwarder makes of that between user packets with any numbers.
@_cdecl("LLVMFuzzerTestOneInput")
public func pathReports(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    // Found by chance once in 2⁶⁴ tries, so never.
    precondition(PathReport(octets.span.bytes, key: Scene.key) == nil, "takes octets for a report")
    decode(octets)
    decodeSize(octets)
    var scene = Scene()
    var reader = ByteReader(octets)
    while let choice = try? reader.octet("choice"), let value = try? reader.uint32("value") {
        scene.perform(choice, value, &reader)
    }
    scene.end()
    return 0
}

private func decode(_ octets: [UInt8]) {
    let tag = SipHash.tag(of: octets, key: Scene.key)
    let tagged = octets + (0..<8).map { UInt8(truncatingIfNeeded: tag >> UInt64(56 - 8 * $0)) }
    let report = PathReport(tagged.span.bytes, key: Scene.key)
    precondition(report == PathReport(untagged: tagged.span.bytes), "means something else under its tag")
    guard let report else { return }
    let again = report.octets(key: Scene.key)
    precondition(again.count == tagged.count, "has another length once encoded")
    precondition(PathReport(again.span.bytes, key: Scene.key) == report, "means something else once encoded")
    precondition(report.probe.bindingIdentifier == report.bindingIdentifier, "proves another path")
    _ = report.fields.map(\.value.description) + report.receptions.flatMap(\.fields).map(\.value.description)
    _ = report.runsText
}

private func decodeSize(_ octets: [UInt8]) {
    precondition(PathSizeProbe(octets.span.bytes, key: Scene.key) == nil, "takes octets for a probe of a size")
    guard let probe = PathSizeProbe(untagged: octets.span.bytes) else { return }
    let again = probe.octets(key: Scene.key)
    precondition(PathSizeProbe(again.span.bytes, key: Scene.key) == probe, "means something else once encoded")
    _ = probe.fields.map(\.value.description)
}

/// A gateway with two paths, the anchor being the fuzzer.
private struct Scene: ~Copyable {
    static let key = SipKey(k0: 1, k1: 2)
    private static let node = IPv4Address(0x0A01_0002)
    private static let host = IPv4Address(0xC633_6407)
    private static let anchor = IPAddress.v4(IPv4Address(0xCB00_7101))
    private var forwarder = Forwarder(role: .gateway, seed: 1, slots: 64)
    private var burst = Burst()
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var sentAt: UInt64 = 0
    /// Of probes of sizes, the newest first.
    private var numbers: [UInt64] = []

    init() {
        let session = SessionParameters(
            prefixes: [IPPrefix(host: .v4(Self.node))],
            sendKey: 1,
            receiveKey: 2,
            distribution: .perPacket(reorderTimeout: .milliseconds(100))
        )
        forwarder.apply(.installSession(SessionNumber(rawValue: 1), session), at: now, into: &burst)
        for path in 1...Int32(2) {
            let parameters = PathParameters(
                session: SessionNumber(rawValue: 1),
                local: Self.local(path),
                remote: Self.anchor,
                encapsulation: .gre,
                mtu: 1500,
                rate: path == 1 ? 10_000_000 : nil,
                bindingIdentifier: UInt8(path),
                probeKey: Self.key,
                hasReports: true,
                hasSizeProbes: true
            )
            forwarder.apply(.installPath(PathNumber(rawValue: path), parameters), at: now, into: &burst)
        }
        settle()
    }

    private static func local(_ path: Int32) -> IPAddress { .v4(IPv4Address(0xC000_0200 + UInt32(path))) }

    /// Bits 0-2 of the choice: what happens; bit 3 the path; the others belong to the report.
    mutating func perform(_ choice: UInt8, _ value: UInt32, _ reader: inout ByteReader) {
        let path: Int32 = choice & 8 == 0 ? 1 : 2
        switch choice & 7 {
        case 0, 1, 2: report(choice, value, path, &reader)
        case 3: arrive(header(value) + inner(Self.host, Self.node), path)
        case 4: for _ in 0..<(value & 15) { send() }
        case 5: forwarder.transmissionFailed(PathNumber(rawValue: path), at: now, into: &burst)
        case 6: size(choice, value, path)
        default: now = now + .microseconds(Int64(value % 2_000_000))
        }
        settle()
        if let deadline = forwarder.nextDeadline, deadline <= now { forwarder.advance(to: now, into: &burst) }
        settle()
        precondition(forwarder.nextDeadline ?? .never > now, "would wake the worker for ever")
    }

    private mutating func report(_ choice: UInt8, _ value: UInt32, _ path: Int32, _ reader: inout ByteReader) {
        sentAt &+= UInt64(value & 0xFF_FFFF) | 1
        let next = (try? reader.uint16("next")) ?? 0
        let expected = (try? reader.uint16("expected")) ?? 0
        let runs = (try? reader.octets(Int(choice >> 6), "runs")) ?? []
        var report = PathReport(
            hearsPeer: choice & 0x10 != 0,
            isFromAnchor: true,
            interval: UInt16(truncatingIfNeeded: value),
            bindingIdentifier: UInt8(path),
            sentAt: sentAt,
            madeAt: choice & 0x20 == 0 ? sentAt : UInt64(value) << 32,
            nextNumber: next & 0x8000 == 0 ? UInt32(next) : value,
            expectedNumber: expected & 0x8000 == 0 ? UInt32(expected) : ~value,
            runs: runs.map { UInt16(max(1, $0)) },
            isCut: value & 1 == 0
        )
        for path in 1...UInt8(2) {
            let reception = PathReport.Reception(
                bindingIdentifier: path,
                hearsPeer: choice & 0x10 != 0,
                newest: value & 2 == 0 ? nil : UInt32(next & 0x1FF),
                newestAge: value,
                octets: UInt64(value) << 20,
                octetsAge: value & 4 == 0 ? .max : value,
                echo: value & 8 == 0 ? UInt64(clamping: now.nanoseconds) : UInt64(value) << 30,
                heldFor: value >> 8
            )
            report.receptions.append(reception)
        }
        let header = GREHeader(protocolType: GREHeader.pathProbe, key: 2)
        arrive(header.octets + report.octets(key: Self.key), path)
    }

    /// Of the numbers that answers name some are of our own probes, which carry the time.
    private mutating func size(_ choice: UInt8, _ value: UInt32, _ path: Int32) {
        let probe = PathSizeProbe(
            isAnswer: choice & 0x10 != 0,
            isFromAnchor: choice & 0x20 == 0,
            size: UInt16(24 + value % 1800),
            bindingIdentifier: UInt8(choice & 0x40 == 0 ? path : 3),
            number: choice & 0x80 == 0 ? numbers.first ?? 0 : UInt64(value)
        )
        let header = GREHeader(protocolType: GREHeader.pathProbe, key: 2)
        arrive(header.octets + probe.octets(key: Self.key), path)
    }

    private func header(_ value: UInt32) -> [UInt8] {
        GREHeader(protocolType: GREHeader.ipv4, key: 2, sequence: value & 1 == 0 ? value : value >> 16).octets
    }

    private func inner(_ source: IPv4Address, _ destination: IPv4Address) -> [UInt8] {
        let header = IPv4Header(
            source: source,
            destination: destination,
            protocolNumber: IPProtocol.udp,
            payloadLength: 8
        )
        return header.octets + [0, 1, 0, 2, 0, 8, 0, 0]
    }

    private mutating func arrive(_ octets: [UInt8], _ path: Int32) {
        guard let slot = forwarder.arena.take(filledWith: octets) else { return }
        let arrival = TunnelArrival(local: Self.local(path), remote: Self.anchor, transport: .gre)
        forwarder.fromTunnel(slot, arrival, at: now, into: &burst)
    }

    private mutating func send() {
        guard let slot = forwarder.arena.take(filledWith: inner(Self.node, Self.host)) else { return }
        forwarder.fromTUN(slot, at: now, into: &burst)
    }

    private mutating func settle() {
        for transmission in burst.transmissions {
            if transmission.isWhole { note(forwarder.arena.withBytes(transmission.slot) { Self.number($0) }) }
            forwarder.arena.release(transmission.slot)
        }
        for slot in burst.deliveries + burst.answers { forwarder.arena.release(slot) }
        burst.clear()
    }

    private mutating func note(_ number: UInt64?) {
        guard let number else { return }
        numbers = [number] + numbers.prefix(7)
    }

    /// Of a probe behind a GRE header with key.
    private static func number(_ octets: RawSpan) -> UInt64? { octets.uint64(at: 16) }

    /// Nobody holds a slot that is not accounted for.
    mutating func end() {
        forwarder.apply(.removeSession(SessionNumber(rawValue: 1)), at: now, into: &burst)
        settle()
        precondition(forwarder.snapshot().slotsOutstanding == 0, "has lost a slot")
    }
}
