// SPDX-License-Identifier: Apache-2.0

/// What a mobility option and a sub-option inside one have in common: type, length, data.
package protocol TypeLengthValue: Sendable {
    /// Reads the data; the reader ends where they do.
    init(decoding reader: inout ByteReader) throws(DecodeError)
    /// Writes the data, without type and length.
    func encode(into writer: inout ByteWriter)

    static var type: UInt8 { get }
    /// The RFC's name of it.
    static var name: String { get }
    /// Where the type octet has to stand, counted from the start of the mobility header.
    var alignment: OptionAlignment { get }
    var fields: [Field] { get }

    /// Differs from the static ones only where one Swift type stands for many types on the wire.
    var optionType: UInt8 { get }
    var optionName: String { get }
}

extension TypeLengthValue {
    package var optionType: UInt8 { Self.type }
    package var optionName: String { Self.name }
    package var alignment: OptionAlignment { .none }

    /// What stands behind type and length.
    package var data: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.octets
    }

    /// Type, length and data, the latter as far as a length can tell.
    func write(into writer: inout ByteWriter) {
        writer.octet(optionType)
        let place = writer.count
        writer.octet(0)
        encode(into: &writer)
        writer.truncate(to: place + 1 + 255)
        writer.patch(octet: UInt8(clamping: writer.count - place - 1), at: place)
    }

    /// Reads all of the data; what is left over does not belong there.
    static func decode(_ data: [UInt8]) throws(DecodeError) -> Self {
        var reader = ByteReader(data)
        let value = try Self(decoding: &reader)
        try reader.finish(name)
        return value
    }
}
