// SPDX-License-Identifier: Apache-2.0

/// What all ICMPv6 messages start with (RFC 4443 §2.1): type, code, checksum (2).
enum ICMPv6 {
    static func withChecksum(_ octets: [UInt8], from source: IPv6Address, to destination: IPv6Address) -> [UInt8] {
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(source),
            destination: .v6(destination),
            protocolNumber: IPProtocol.icmpv6,
            length: octets.count
        )
        checksum.add(octets)
        var writer = ByteWriter()
        writer.bytes(octets)
        writer.patch(uint16: checksum.value, at: 2)
        return writer.octets
    }
}

extension ByteReader {
    /// Passes type, code 0 and checksum.
    mutating func expectICMPv6(type expected: UInt8) throws(DecodeError) {
        let type = try octet("Type")
        guard type == expected else { throw DecodeError(.badValue(UInt64(type)), field: "Type", offset: 0) }
        let code = try octet("Code")
        guard code == 0 else { throw DecodeError(.badValue(UInt64(code)), field: "Code", offset: 1) }
        try skip(2, "Checksum")
    }
}
