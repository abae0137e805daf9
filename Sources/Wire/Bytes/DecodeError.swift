// SPDX-License-Identifier: Apache-2.0

/// Why octets could not be read as the format that they claim to be. Always the sender's fault.
package struct DecodeError: Error, Equatable, Sendable {
    /// What was wrong, without values: the kind is what counters count.
    package enum Reason: Equatable, Sendable {
        /// The octets end before the field does.
        case truncated
        /// A length field contradicts the octets present or the format's fixed size.
        case badLength(Int)
        /// A field has a value with which the rest cannot be understood.
        case badValue(UInt64)
        /// A checksum does not fit.
        case badChecksum
        /// Octets follow where none may.
        case trailingOctets(Int)
    }

    package var reason: Reason
    /// The field, in the words of its RFC.
    package var field: String
    /// Octets from the start of what was being decoded.
    package var offset: Int

    package init(_ reason: Reason, field: String, offset: Int) {
        self.reason = reason
        self.field = field
        self.offset = offset
    }
}

extension DecodeError: CustomStringConvertible {
    package var description: String {
        let what =
            switch reason {
            case .truncated: "ends too early"
            case .badLength(let length): "has length \(length), which does not fit"
            case .badValue(let value): "has the unusable value \(value)"
            case .badChecksum: "is wrong"
            case .trailingOctets(let count): "is followed by \(count) octets that do not belong there"
            }
        return "\(field) \(what) (octet \(offset))"
    }
}
