// SPDX-License-Identifier: Apache-2.0

/// A message between a DHCPv6 client and a server, as UDP carries it (RFC 8415 §8).
///
/// ```
/// | msg-type (1) | transaction-id (3) |
/// | options                           |
/// ```
package struct DHCPv6Message: Equatable, Sendable {
    package var type: DHCPv6MessageType
    /// 24 bits.
    package var transaction: UInt32
    package var options: [DHCPv6Option]

    package init(_ type: DHCPv6MessageType, transaction: UInt32, _ options: [DHCPv6Option] = []) {
        self.type = type
        self.transaction = transaction & 0xFF_FFFF
        self.options = options
    }

    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        let code = try reader.octet("msg-type")
        guard let type = DHCPv6MessageType(rawValue: code) else {
            throw DecodeError(.badValue(UInt64(code)), field: "msg-type", offset: 0)
        }
        self.type = type
        let high = try reader.octet("transaction-id")
        transaction = UInt32(high) << 16 | UInt32(try reader.uint16("transaction-id"))
        options = try DHCPv6Option.all(decoding: &reader, within: .message)
    }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(type.rawValue)
        writer.octet(UInt8(truncatingIfNeeded: transaction >> 16))
        writer.uint16(UInt16(truncatingIfNeeded: transaction))
        for option in options { option.encode(into: &writer) }
        return writer.octets
    }

    // MARK: Options that a message has once at most; of several the first counts.

    package var client: DHCPUniqueIdentifier? {
        for case .clientIdentifier(let identifier) in options { return identifier }
        return nil
    }

    package var server: DHCPUniqueIdentifier? {
        for case .serverIdentifier(let identifier) in options { return identifier }
        return nil
    }

    /// The codes of the options that the client wants (RFC 8415 §21.7).
    package var requested: [UInt16] {
        for case .optionRequest(let codes) in options { return codes }
        return []
    }

    package var hasRapidCommit: Bool { options.contains(.rapidCommit) }

    /// The prefixes that are asked for (RFC 8415 §21.21).
    package var prefixAssociations: [DHCPv6Association] {
        options.compactMap { if case .prefixAssociation(let association) = $0 { association } else { nil } }
    }

    /// The addresses that are asked for (RFC 8415 §21.4).
    package var addressAssociations: [DHCPv6Association] {
        options.compactMap { if case .addressAssociation(let association) = $0 { association } else { nil } }
    }

    package var status: DHCPv6Status? { options.status }
}
