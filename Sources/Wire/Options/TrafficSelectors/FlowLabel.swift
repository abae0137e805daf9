// SPDX-License-Identifier: Apache-2.0

/// The flow label of an IPv6 header: twenty bits (RFC 6437; RFC 6088 calls it one of 24).
package struct FlowLabel: Hashable, Comparable, Sendable {
    package let value: UInt32

    /// Bits above the twenty are dropped.
    package init(_ value: UInt32) { self.value = value & 0xF_FFFF }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

extension FlowLabel: CustomStringConvertible {
    package var description: String { String(value) }
}

extension FlowLabel: SelectorField {
    /// RFC 6088 §3.2: sent in 32 bits with zeros in front, which are ignored when received.
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self.init(try reader.uint32(field))
    }
    package func write(into writer: inout ByteWriter) { writer.uint32(value) }
    package static var boundary: Int { 4 }
}
