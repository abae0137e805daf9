// SPDX-License-Identifier: Apache-2.0

/// The upper six bits of the traffic class (RFC 2474 §3); the lower two belong to congestion notification.
package struct DifferentiatedServicesCodePoint: Hashable, Comparable, Sendable {
    package let value: UInt8

    /// Bits above the six are dropped.
    package init(_ value: UInt8) { self.value = value & 0x3F }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

extension DifferentiatedServicesCodePoint: CustomStringConvertible {
    package var description: String { String(value) }
}

extension DifferentiatedServicesCodePoint: SelectorField {
    private static let codePoint = BitField<UInt8>(first: 0, width: 6)

    /// RFC 6088 §3.1, RFC 7222 §4.1: eight bits, the lower two of which are ignored.
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self.init(Self.codePoint.get(try reader.octet(field)))
    }

    package func write(into writer: inout ByteWriter) {
        var octet: UInt8 = 0
        Self.codePoint.set(value, in: &octet)
        writer.octet(octet)
    }

    package static var boundary: Int { 1 }
}
