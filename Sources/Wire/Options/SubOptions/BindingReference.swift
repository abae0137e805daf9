// SPDX-License-Identifier: Apache-2.0

/// Binding Reference sub-option (RFC 6089 §4.2.1.3): the bindings that a flow is bound to.
///
/// ```
/// |       2       |    Length     |           BID ...
/// ```
package struct BindingReference: SubOption, Equatable {
    package static let type: UInt8 = 2
    package static let name = "Binding Reference"

    /// At least one, at most 127.
    package var bindingIdentifiers: [UInt16]

    package init(_ bindingIdentifiers: [UInt16]) { self.bindingIdentifiers = bindingIdentifiers }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        bindingIdentifiers = try reader.identifiers("BID")
    }

    package func encode(into writer: inout ByteWriter) { writer.identifiers(bindingIdentifiers) }

    package var alignment: OptionAlignment { OptionAlignment(2, plus: 0) }
    package var fields: [Field] { [Field("bid", bindingIdentifiers.map { "\($0)" }.joined(separator: " "))] }
}

/// Runs of 16-bit identifiers that fill an option or sub-option (RFC 6089 §4.2.1.3, §4.2.2).
extension ByteReader {
    /// At least one.
    mutating func identifiers(_ field: String) throws(DecodeError) -> [UInt16] {
        var identifiers = [try uint16(field)]
        while !isAtEnd { identifiers.append(try uint16(field)) }
        return identifiers
    }
}

extension ByteWriter {
    /// As many as a length octet can tell.
    mutating func identifiers(_ identifiers: [UInt16]) {
        for identifier in identifiers.prefix(127) { uint16(identifier) }
    }
}
