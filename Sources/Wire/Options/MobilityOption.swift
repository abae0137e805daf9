// SPDX-License-Identifier: Apache-2.0

/// A mobility option: type, length, data (RFC 6275 §6.2.1).
///
/// To add one: its file in this folder, its line in `OptionRegistry.known`, its vector in `Tests/WireTests/Vectors`.
package protocol MobilityOption: Sendable {
    /// Reads the data; the reader ends where the option does.
    init(decoding reader: inout ByteReader) throws(DecodeError)
    /// Writes the data, without type and length.
    func encode(into writer: inout ByteWriter)

    static var type: UInt8 { get }
    /// The RFC's name of it.
    static var name: String { get }
    /// Where the type octet has to stand, counted from the start of the mobility header.
    var alignment: OptionAlignment { get }
    var fields: [Field] { get }

    /// Differs from the static ones only where one Swift type stands for many options.
    var optionType: UInt8 { get }
    var optionName: String { get }
}

extension MobilityOption {
    package var optionType: UInt8 { Self.type }
    package var optionName: String { Self.name }
    package var alignment: OptionAlignment { .none }

    /// The option's data.
    package var data: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.octets
    }
}
