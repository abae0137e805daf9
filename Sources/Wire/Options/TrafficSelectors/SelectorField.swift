// SPDX-License-Identifier: Apache-2.0

/// What a field of a traffic selector holds.
package protocol SelectorField: Comparable, Hashable, Sendable, CustomStringConvertible {
    init(reading reader: inout ByteReader, _ field: String) throws(DecodeError)
    func write(into writer: inout ByteWriter)
    /// Its natural boundary, which the sub-option that carries it keeps to.
    static var boundary: Int { get }
}

extension UInt8: SelectorField {
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self = try reader.octet(field)
    }
    package func write(into writer: inout ByteWriter) { writer.octet(self) }
    package static var boundary: Int { 1 }
}

extension UInt16: SelectorField {
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self = try reader.uint16(field)
    }
    package func write(into writer: inout ByteWriter) { writer.uint16(self) }
    package static var boundary: Int { 2 }
}

extension UInt32: SelectorField {
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self = try reader.uint32(field)
    }
    package func write(into writer: inout ByteWriter) { writer.uint32(self) }
    package static var boundary: Int { 4 }
}

extension IPv4Address: SelectorField {
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self = try reader.ipv4Address(field)
    }
    package func write(into writer: inout ByteWriter) { writer.ipv4Address(self) }
    package static var boundary: Int { 4 }
}

extension IPv6Address: SelectorField {
    package init(reading reader: inout ByteReader, _ field: String) throws(DecodeError) {
        self = try reader.ipv6Address(field)
    }
    package func write(into writer: inout ByteWriter) { writer.ipv6Address(self) }
    package static var boundary: Int { 8 }
}
