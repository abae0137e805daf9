// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Protocols by their numbers, which for one name may differ between the families.
package struct PolicyProtocol: Hashable, Sendable {
    package let ipv4: SelectorRange<UInt8>
    package let ipv6: SelectorRange<UInt8>

    package init(_ range: SelectorRange<UInt8>) {
        ipv4 = range
        ipv6 = range
    }

    /// nil for a name that is not in ``names``.
    package init?(named name: String) {
        guard let found = Self.numbers.first(where: { $0.key == name })?.value else { return nil }
        ipv4 = SelectorRange(found.ipv4)
        ipv6 = SelectorRange(found.ipv6)
    }

    package static var names: [String] { numbers.map(\.key) }

    private static let numbers: KeyValuePairs<String, (ipv4: UInt8, ipv6: UInt8)> = [
        "tcp": (6, 6), "udp": (17, 17), "icmp": (1, 58), "esp": (50, 50), "ah": (51, 51), "gre": (47, 47),
        "sctp": (132, 132), "dccp": (33, 33), "udplite": (136, 136),
    ]

    /// Whether any of them shows its ports (``InnerPacket/hasPorts(_:)``).
    package var hasPorts: Bool {
        [IPProtocol.tcp, IPProtocol.udp].contains { $0 >= ipv4.start && $0 <= ipv4.end ?? ipv4.start }
    }
}
