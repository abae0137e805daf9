// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a probe travels in where there is no GRE to name it: an IPv6 packet between link-local addresses, which an end
/// that does not know probes drops, since it forwards nothing link-local (RFC 4291 §2.5.6).
enum ProbeEnvelope {
    /// RFC 3692: for experiments.
    private static let nextHeader: UInt8 = 253
    private static let linkLocal: UInt64 = 0xFE80_0000_0000_0000
    private static let anchor = IPv6Address(high: linkLocal, low: 0x0005_0001)
    private static let gateway = IPv6Address(high: linkLocal, low: 0x0005_0002)

    /// The header in front of the probe.
    static func header(isFromAnchor: Bool) -> [UInt8] {
        IPv6Header(
            source: isFromAnchor ? anchor : gateway,
            destination: isFromAnchor ? gateway : anchor,
            nextHeader: nextHeader,
            payloadLength: PathProbe.length,
            hopLimit: 1
        ).octets
    }

    static func holdsProbe(_ octets: RawSpan) -> Bool {
        guard octets.octet(at: 6) == nextHeader, octets.byteCount == IPv6Header.length &+ PathProbe.length,
            let header = IPv6Header(octets), header.hopLimit == 1
        else { return false }
        return header.source == anchor && header.destination == gateway
            || header.source == gateway && header.destination == anchor
    }
}
