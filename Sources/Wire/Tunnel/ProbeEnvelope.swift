// SPDX-License-Identifier: Apache-2.0

/// What a probe or report travels in where there is no GRE to name it: an IPv6 packet between link-local addresses,
/// which an end that does not know it drops, since it forwards nothing link-local (RFC 4291 §2.5.6).
package enum ProbeEnvelope {
    /// RFC 3692: for experiments.
    private static let nextHeader: UInt8 = 253
    private static let linkLocal: UInt64 = 0xFE80_0000_0000_0000
    private static let anchor = IPv6Address(high: linkLocal, low: 0x0005_0001)
    private static let gateway = IPv6Address(high: linkLocal, low: 0x0005_0002)

    /// The header in front of so many octets.
    package static func header(isFromAnchor: Bool, length: Int) -> [UInt8] {
        IPv6Header(
            source: isFromAnchor ? anchor : gateway,
            destination: isFromAnchor ? gateway : anchor,
            nextHeader: nextHeader,
            payloadLength: length,
            hopLimit: 1
        ).octets
    }

    /// Whether a packet is the envelope of something that may be a probe or a report.
    package static func holdsProbe(_ octets: RawSpan) -> Bool {
        guard octets.octet(at: 6) == nextHeader, let header = IPv6Header(octets), header.hopLimit == 1,
            octets.byteCount == IPv6Header.length &+ header.payloadLength,
            header.payloadLength >= PathSizeProbe.length
        else { return false }
        return header.source == anchor && header.destination == gateway
            || header.source == gateway && header.destination == anchor
    }
}
