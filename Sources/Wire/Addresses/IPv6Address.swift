// SPDX-License-Identifier: Apache-2.0

/// An IPv6 address, held as the two numbers that its sixteen octets make.
@frozen
public struct IPv6Address: Hashable, Sendable, Comparable {
    public var high: UInt64
    public var low: UInt64

    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static let zero = IPv6Address(high: 0, low: 0)
    /// ff02::1
    public static let allNodes = IPv6Address(high: 0xFF02_0000_0000_0000, low: 1)
    /// ff02::2
    public static let allRouters = IPv6Address(high: 0xFF02_0000_0000_0000, low: 2)
    /// ff02::1:2, DHCPv6 servers and relay agents on a link (RFC 8415 §7.1)
    public static let allDHCPAgents = IPv6Address(high: 0xFF02_0000_0000_0000, low: 0x1_0002)

    /// The group in which the holder of this address listens for solicitations (RFC 4291 §2.7.1).
    public var solicitedNodeGroup: IPv6Address {
        IPv6Address(high: 0xFF02_0000_0000_0000, low: 0x1_FF00_0000 | low & 0xFF_FFFF)
    }

    @inlinable public static func < (a: Self, b: Self) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }

    /// ::ffff:a.b.c.d (RFC 4291 §2.5.5.2)
    public init(mapping address: IPv4Address) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address.value))
    }

    /// What an interface takes from its link-layer address (RFC 4291 §2.5.6, Appendix A).
    package init(linkLocalOf link: LinkLayerAddress) {
        let identifier = (link.value & 0xFFFF_FF00_0000) << 16 | 0xFF_FE00_0000 | link.value & 0xFF_FFFF
        self.init(high: 0xFE80_0000_0000_0000, low: identifier ^ 0x0200_0000_0000_0000)
    }

    /// Sixteen octets; nil for any other number.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        let high = octets.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = octets.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(high: high, low: low)
    }

    public var octets: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    public var isUnspecified: Bool { high == 0 && low == 0 }
    public var isMulticast: Bool { high >> 56 == 0xFF }
    /// fe80::/10
    public var isLinkLocal: Bool { high >> 54 == 0x3FA }
    public var isLoopback: Bool { high == 0 && low == 1 }

    /// An address that a packet may come from and go to beyond its link.
    public var isRoutableUnicast: Bool { !isUnspecified && !isMulticast && !isLinkLocal && !isLoopback }

    /// RFC 4291 §2.2, with `::` and a dotted-decimal tail; no zone. nil for anything else.
    public init?(_ text: some StringProtocol) {
        let halves = Self.halves(of: String(text))
        guard let halves, let head = Self.groups(halves.head, mayEndDotted: halves.tail == nil),
            let tail = Self.groups(halves.tail ?? "", mayEndDotted: true)
        else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.tail == nil ? missing == 0 : missing >= 1 else { return nil }
        let groups = head + Array(repeating: 0, count: missing) + tail
        high = groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }
        low = groups[4...].reduce(0) { $0 << 16 | UInt64($1) }
    }

    /// The text before and after `::`; no tail if there is none, nil if there are two.
    private static func halves(of text: String) -> (head: String, tail: String?)? {
        let characters = Array(text.utf8)
        var at: Int?
        var index = 0
        while index + 1 < characters.count {
            if characters[index] == 58, characters[index + 1] == 58 {
                guard at == nil else { return nil }
                at = index
                index += 1
            }
            index += 1
        }
        guard let at else { return text.isEmpty ? nil : (text, nil) }
        let head = String(decoding: characters[..<at], as: UTF8.self)
        let tail = String(decoding: characters[(at + 2)...], as: UTF8.self)
        return (head, tail)
    }

    /// RFC 4291 §2.2 (3): dotted decimal stands for the last two groups of the address, nowhere else.
    private static func groups(_ text: String, mayEndDotted: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndDotted, part.contains("."), index == parts.count - 1 {
                guard let address = IPv4Address(part) else { return nil }
                groups += [UInt16(address.value >> 16), UInt16(address.value & 0xFFFF)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.first != 43, part.utf8.first != 45,
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension IPv6Address: CustomStringConvertible {
    /// The canonical form (RFC 5952): lower case, the first longest run of two or more zero groups shortened.
    public var description: String {
        if high == 0, low >> 32 == 0xFFFF { return "::ffff:\(IPv4Address(UInt32(truncatingIfNeeded: low)))" }
        let groups = [high, low].flatMap { word in
            stride(from: 48, through: 0, by: -16).map { UInt16(truncatingIfNeeded: word >> UInt64($0)) }
        }
        var best = 0..<0
        var start = 0
        while start < 8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > best.count { best = start..<end }
            start = max(end, start) + 1
        }
        let texts = groups.map { String($0, radix: 16) }
        guard best.count >= 2 else { return texts.joined(separator: ":") }
        return texts[..<best.lowerBound].joined(separator: ":") + "::"
            + texts[best.upperBound...].joined(separator: ":")
    }
}

extension ByteReader {
    package mutating func ipv6Address(_ field: String) throws(DecodeError) -> IPv6Address {
        IPv6Address(high: try uint64(field), low: try uint64(field))
    }
}

extension ByteWriter {
    package mutating func ipv6Address(_ address: IPv6Address) {
        uint64(address.high)
        uint64(address.low)
    }
}
