// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The parts that stored records are made of.
extension ByteWriter {
    /// Against damage, not against malice: who can write the file can make the value.
    fileprivate static let checkKey = SipKey(octets: Array("plait records 01".utf8))

    /// All that was written, with the check value behind it.
    package var checked: [UInt8] {
        var writer = self
        writer.uint64(Self.check(octets[...]))
        return writer.octets
    }

    fileprivate static func check(_ octets: ArraySlice<UInt8>) -> UInt64 {
        checkKey.map { SipHash.tag(of: octets, key: $0) } ?? 0
    }

    mutating func truth(_ value: Bool) { octet(value ? 1 : 0) }

    mutating func node(_ identifier: NodeIdentifier) {
        octet(identifier.subtype)
        uint16(UInt16(clamping: identifier.octets.count))
        bytes(identifier.octets.prefix(Int(UInt16.max)))
    }

    mutating func address(_ address: IPAddress) {
        octet(address.isIPv4 ? 4 : 6)
        bytes(address.octets)
    }

    package mutating func prefix(_ prefix: IPPrefix) {
        address(prefix.address)
        octet(prefix.length)
    }

    mutating func optional<Value>(_ value: Value?, _ encode: (inout ByteWriter, Value) -> Void) {
        truth(value != nil)
        if let value { encode(&self, value) }
    }

    mutating func list<Value>(_ values: [Value], _ encode: (inout ByteWriter, Value) -> Void) {
        uint16(UInt16(clamping: values.count))
        for value in values.prefix(Int(UInt16.max)) { encode(&self, value) }
    }
}

extension ByteReader {
    /// Of what stands before the check value, if that fits.
    package init(checked octets: [UInt8]) throws(DecodeError) {
        guard octets.count > 8 else { throw DecodeError(.truncated, field: "record", offset: octets.count) }
        let covered = octets.dropLast(8)
        var trailer = ByteReader(Array(octets.suffix(8)))
        guard try trailer.uint64("check value") == ByteWriter.check(covered) else {
            throw DecodeError(.badChecksum, field: "record", offset: covered.count)
        }
        self.init(Array(covered))
    }

    mutating func truth(_ field: String) throws(DecodeError) -> Bool {
        let value = try octet(field)
        guard value <= 1 else { throw DecodeError(.badValue(UInt64(value)), field: field, offset: offset) }
        return value == 1
    }

    mutating func node() throws(DecodeError) -> NodeIdentifier {
        let subtype = try octet("identifier")
        return NodeIdentifier(subtype: subtype, octets: try octets(Int(try uint16("identifier")), "identifier"))
    }

    mutating func address() throws(DecodeError) -> IPAddress {
        switch try octet("address") {
        case 4: return .v4(IPv4Address(try uint32("address")))
        case 6: return .v6(IPv6Address(high: try uint64("address"), low: try uint64("address")))
        case let family: throw DecodeError(.badValue(UInt64(family)), field: "address", offset: offset)
        }
    }

    mutating func prefix() throws(DecodeError) -> IPPrefix {
        let (address, length) = (try address(), try octet("prefix"))
        guard let prefix = IPPrefix(address, length: Int(length)) else {
            throw DecodeError(.badValue(UInt64(length)), field: "prefix", offset: offset)
        }
        return prefix
    }

    mutating func optional<Value>(
        _ decode: (inout ByteReader) throws(DecodeError) -> Value
    ) throws(DecodeError) -> Value? {
        try truth("presence") ? try decode(&self) : nil
    }

    mutating func list<Value>(
        _ decode: (inout ByteReader) throws(DecodeError) -> Value
    ) throws(DecodeError) -> [Value] {
        let count = try uint16("count")
        var values: [Value] = []
        for _ in 0..<count { values.append(try decode(&self)) }
        return values
    }
}
