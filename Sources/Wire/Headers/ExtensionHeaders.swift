// SPDX-License-Identifier: Apache-2.0

/// The walk over IPv6 extension headers to the upper layer (RFC 8200 §4).
@usableFromInline
struct ExtensionHeaders {
    @usableFromInline var protocolNumber: UInt8
    @usableFromInline var transportOffset: Int?
    @usableFromInline var isFragment = false
    @usableFromInline var fragmentIdentification: UInt32 = 0

    /// More headers than this are nobody's honest packet.
    @usableFromInline static let limit = 8

    @usableFromInline
    init(_ octets: RawSpan, first: UInt8, end: Int) {
        protocolNumber = first
        var offset = IPv6Header.length
        for _ in 0..<Self.limit {
            switch protocolNumber {
            case IPProtocol.hopByHopOptions, IPProtocol.routing, IPProtocol.destinationOptions:
                guard offset + 2 <= end, let next = octets.octet(at: offset), let units = octets.octet(at: offset + 1)
                else { return }
                protocolNumber = next
                offset += (Int(units) + 1) * 8
            case IPProtocol.fragment:
                guard offset + 8 <= end, let next = octets.octet(at: offset), let word = octets.uint16(at: offset + 2)
                else { return }
                isFragment = true
                fragmentIdentification = octets.uint32(at: offset + 4) ?? 0
                protocolNumber = next
                offset += 8
                if word >> 3 != 0 { return }
            default:
                transportOffset = offset <= end ? offset : nil
                return
            }
        }
    }
}
