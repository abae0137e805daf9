// SPDX-License-Identifier: Apache-2.0

/// How a message, an association or one of its prefixes has fared (RFC 8415 §21.13).
package struct DHCPv6Status: Equatable, Sendable {
    package enum Code: UInt16, CaseIterable, Sendable {
        case success = 0
        case noAddressesAvailable = 2
        case noBinding = 3
        case useMulticast = 5
        case noPrefixAvailable = 6
    }

    /// One of `Code`, or another that we do not read.
    package var code: UInt16
    /// For people, in UTF-8; may be empty.
    package var message: [UInt8]

    package init(_ code: Code, _ message: String = "") {
        self.code = code.rawValue
        self.message = Array(message.utf8)
    }

    init(_ reader: inout ByteReader) throws(DecodeError) {
        code = try reader.uint16("status-code")
        message = reader.rest()
    }
}
