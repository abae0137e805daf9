// SPDX-License-Identifier: Apache-2.0

/// A prefix in an association [IAPREFIX] (RFC 8415 §21.22).
///
/// ```
/// | preferred-lifetime (4) | valid-lifetime (4) | prefix-length (1) | IPv6-prefix (16) | options |
/// ```
package struct DelegatedPrefix: Equatable, Sendable {
    /// Seconds.
    package var preferredLifetime: UInt32
    /// Seconds; 0: not to be used any more.
    package var validLifetime: UInt32
    /// All zeros with a length: any prefix of that length is wished for (RFC 8168 §3.1).
    package var prefix: IPPrefix
    package var options: [DHCPv6Option]

    package init(
        _ prefix: IPPrefix,
        preferredLifetime: UInt32 = 0,
        validLifetime: UInt32 = 0,
        _ options: [DHCPv6Option] = []
    ) {
        self.prefix = prefix
        self.preferredLifetime = preferredLifetime
        self.validLifetime = validLifetime
        self.options = options
    }

    init(_ reader: inout ByteReader) throws(DecodeError) {
        preferredLifetime = try reader.uint32("preferred-lifetime")
        validLifetime = try reader.uint32("valid-lifetime")
        let offset = reader.offset
        let length = try reader.octet("prefix-length")
        let address = try reader.ipv6Address("IPv6-prefix")
        // Bits beyond the length mean nothing (RFC 8415 §21.22).
        guard let prefix = IPPrefix(.v6(address), length: Int(length)) else {
            throw DecodeError(.badValue(UInt64(length)), field: "prefix-length", offset: offset)
        }
        self.prefix = prefix
        options = try DHCPv6Option.all(decoding: &reader, within: .prefix)
    }

    func encode(into writer: inout ByteWriter) {
        writer.uint32(preferredLifetime)
        writer.uint32(validLifetime)
        writer.octet(prefix.length)
        writer.ipv6Address(prefix.address.mappedToIPv6)
        for option in options { option.encode(into: &writer) }
    }
}
