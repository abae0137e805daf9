// SPDX-License-Identifier: Apache-2.0

/// What a captured frame starts with: the LINKTYPE registry of tcpdump.org, as far as we look into frames.
package struct LinkType: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let ethernet = LinkType(rawValue: 1)
    package static let rawIP = LinkType(rawValue: 101)
    /// `tcpdump -i any`, first version.
    package static let linuxCooked = LinkType(rawValue: 113)
    package static let linuxCooked2 = LinkType(rawValue: 276)

    /// 12 and 14 are what systems of old wrote for raw IP; 228 and 229 are IPv4 and IPv6 alone.
    private static let rawTypes: Set<UInt32> = [12, 14, 101, 228, 229]
    private static let vlanTags: Set<UInt16> = [0x8100, 0x88A8, 0x9100]
    private static let internetProtocols: Set<UInt16> = [0x0800, 0x86DD]

    package var isKnown: Bool {
        Self.rawTypes.contains(rawValue) || [.ethernet, .linuxCooked, .linuxCooked2].contains(self)
    }

    /// Where the IP header starts in a frame of this link; nil if the frame shows none.
    func internetProtocolOffset(in octets: RawSpan) -> Int? {
        switch self {
        case .ethernet: Self.behindEtherType(at: 12, in: octets)
        case .linuxCooked: Self.behindEtherType(at: 14, in: octets)
        case .linuxCooked2: Self.internetProtocols.contains(octets.uint16(at: 0) ?? 0) ? 20 : nil
        default: Self.rawTypes.contains(rawValue) ? 0 : nil
        }
    }

    private static func behindEtherType(at start: Int, in octets: RawSpan) -> Int? {
        var offset = start
        while let type = octets.uint16(at: offset) {
            if internetProtocols.contains(type) { return offset + 2 }
            guard vlanTags.contains(type) else { return nil }
            offset += 4
        }
        return nil
    }
}
