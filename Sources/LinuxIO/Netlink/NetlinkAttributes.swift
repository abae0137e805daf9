// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The attributes behind a netlink message's fixed part, by type. A malformed one ends the reading.
struct NetlinkAttributes {
    /// The two upper bits of a type are flags (`NLA_F_NESTED`, `NLA_F_NET_BYTEORDER`).
    private static let typeMask: UInt16 = 0x3FFF

    private var bodies: [Int: ArraySlice<UInt8>] = [:]

    init(_ octets: ArraySlice<UInt8>) {
        let reader = NetlinkReader(octets)
        var offset = 0
        while let length = reader.uint16(at: offset), let type = reader.uint16(at: offset + 2), length >= 4,
            let body = reader.slice(offset + 4, offset + Int(length))
        {
            bodies[Int(type & NetlinkAttributes.typeMask)] = body
            offset += (Int(length) + 3) & ~3
        }
    }

    subscript(type: Int) -> ArraySlice<UInt8>? { bodies[type] }

    func uint32(_ type: Int) -> UInt32? { bodies[type].flatMap { NetlinkReader($0).uint32(at: 0) } }

    /// Up to the first zero octet.
    func text(_ type: Int) -> String? {
        bodies[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    func address(_ type: Int) -> IPAddress? {
        guard let body = bodies[type] else { return nil }
        if body.count == 4 { return .v4(IPv4Address(body.reduce(0) { $0 << 8 | UInt32($1) })) }
        return IPv6Address(octets: body).map { .v6($0) }
    }
}
