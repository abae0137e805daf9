// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Probes as they may come from a tunnel: octets without the key, anything at all from a peer that has it, and what
/// the monitor of a path makes of that.
@_cdecl("LLVMFuzzerTestOneInput")
public func pathProbes(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    // Found by chance once in 2⁶⁴ tries, so never.
    precondition(PathProbe(octets.span.bytes, key: Peer.key) == nil, "takes octets for a probe")
    var peer = Peer(hasProbes: octets.first.map { $0 & 0x40 == 0 } ?? true)
    var reader = ByteReader(octets)
    while let choice = try? reader.octet("choice"), let value = try? reader.uint16("value") {
        peer.perform(choice, value)
    }
    return 0
}

/// The gateway's end of a path, the anchor's end being the fuzzer.
private struct Peer {
    static let key = SipKey(k0: 1, k1: 2)
    private var monitor: PathMonitor
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var sentAt: UInt64 = 0
    private var lastOwn: UInt64 = 0

    init(hasProbes: Bool) {
        let parameters = PathParameters(
            session: SessionNumber(rawValue: 1),
            local: .v4(IPv4Address(0xC000_0201)),
            remote: .v4(IPv4Address(0xC000_0202)),
            encapsulation: .udpTLVGRE,
            mtu: 1500,
            rate: nil,
            bindingIdentifier: 1,
            probeKey: hasProbes ? Self.key : nil
        )
        monitor = PathMonitor(role: .gateway, parameters: parameters, at: now)
    }

    /// Bits 0-1 of the choice: what happens; the others belong to the probe.
    mutating func perform(_ choice: UInt8, _ value: UInt16) {
        switch choice & 3 {
        case 0, 1: hear(choice, value)
        case 2: now = now + .milliseconds(Int64(value))
        default: disturb(choice)
        }
        settle(isBusy: choice & 0x80 != 0)
    }

    private mutating func hear(_ choice: UInt8, _ value: UInt16) {
        sentAt &+= UInt64(value & 3) &* (choice & 0x20 == 0 ? 1 : .max / 3)
        let probe = PathProbe(
            hearsPeer: choice & 4 != 0,
            isFromAnchor: choice & 8 == 0,
            interval: value,
            bindingIdentifier: choice & 0x10 == 0 ? 1 : UInt8(truncatingIfNeeded: value),
            sentAt: sentAt,
            echo: choice & 0x40 == 0 ? lastOwn : UInt64(value) << 48,
            heldFor: UInt32(value) &* 65537
        )
        let octets = probe.octets(key: Self.key)
        precondition(PathProbe(octets.span.bytes, key: Self.key) == probe, "means something else once encoded")
        var forged = octets
        forged[Int(value) % forged.count] ^= 1
        precondition(PathProbe(forged.span.bytes, key: Self.key) == nil, "believes a forged probe")
        if monitor.probeKey != nil { _ = monitor.heard(probe, at: now) }
    }

    private mutating func disturb(_ choice: UInt8) {
        if choice & 4 != 0 { monitor.failed(at: now) }
        if choice & 8 != 0 { monitor.heardUserPacket(at: now) }
        if choice & 16 != 0 { monitor.hasten(at: now) }
    }

    /// As the session does it whenever something happened.
    private mutating func settle(isBusy: Bool) {
        monitor.advance(to: now)
        if monitor.probeKey != nil, monitor.isProbeDue(at: now) {
            let probe = monitor.makeProbe(at: now, isBusy: isBusy)
            precondition(probe.sentAt > lastOwn, "looks like a replay of our own")
            lastOwn = probe.sentAt
        }
        precondition(monitor.nextDeadline > now, "would wake the worker for ever")
        precondition(monitor.latestRoundTripTime ?? .zero >= .zero, "is back before it left")
    }
}
