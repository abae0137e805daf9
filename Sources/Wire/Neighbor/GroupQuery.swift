// SPDX-License-Identifier: Apache-2.0

/// Asks all hosts of a link which groups they listen to (RFC 3810 §5.1): all of them answer, whatever they listen to.
///
/// ```
/// |  Type = 130   |   Code = 0    |           Checksum            |
/// |     Maximum Response Code     |           Reserved            |
/// |                  Multicast Address (16) = 0                   |
/// | Resv  |S| QRV |     QQIC      |     Number of Sources = 0     |
/// ```
package struct GroupQuery: Equatable, Sendable {
    private static let type: UInt8 = 130
    /// Router Alert (RFC 2711) and padding, in the hop-by-hop options that the query must have.
    private static let routerAlert: [UInt8] = [IPProtocol.icmpv6, 0, 5, 2, 0, 0, 1, 0]
    /// QRV 2 and QQIC 125 s (RFC 3810 §9).
    private static let robustness: UInt8 = 2
    private static let interval: UInt8 = 125

    /// Within which hosts answer, in milliseconds; below 32768.
    package var longestDelay: UInt16

    package init(longestDelay: UInt16) { self.longestDelay = min(longestDelay, 0x7FFF) }

    /// The IPv6 packet, to all nodes.
    package func packet(from source: IPv6Address) -> [UInt8] {
        var writer = ByteWriter()
        writer.octet(Self.type)
        writer.zeros(3)
        writer.uint16(longestDelay)
        writer.zeros(18)
        writer.octet(Self.robustness)
        writer.octet(Self.interval)
        writer.zeros(2)
        let message = ICMPv6.withChecksum(writer.octets, from: source, to: .allNodes)
        let header = IPv6Header(
            source: source,
            destination: .allNodes,
            nextHeader: IPProtocol.hopByHopOptions,
            payloadLength: Self.routerAlert.count + message.count,
            hopLimit: 1
        )
        return header.octets + Self.routerAlert + message
    }
}
