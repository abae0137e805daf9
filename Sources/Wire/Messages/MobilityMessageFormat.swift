// SPDX-License-Identifier: Apache-2.0

/// A kind of mobility message: what stands behind the checksum of the mobility header.
///
/// To add one: its file in this folder, its case and its two lines in `MobilityMessage`, its vector in
/// `Tests/WireTests/Vectors/messages`.
package protocol MobilityMessageFormat: Equatable, Sendable {
    /// MH Type.
    static var type: UInt8 { get }
    /// The first octets of the message data, where several kinds share an MH Type and are told apart by them.
    static var subtype: [UInt8] { get }
    /// In octets: mobility header and fixed part, padded to eight (RFC 6275 §9.2).
    static var minimumLength: Int { get }

    /// Reads what follows the subtype; the reader ends with the message.
    init(decoding reader: inout ByteReader) throws(DecodeError)
    /// Writes what follows the subtype.
    func encode(into writer: inout ByteWriter)

    /// Short, as it is spoken of.
    var name: String { get }
    var options: MobilityOptions { get set }
    /// The fixed part, field by field.
    var fields: [Field] { get }
    var message: MobilityMessage { get }
}

extension MobilityMessageFormat {
    package static var subtype: [UInt8] { [] }
    /// That of all messages whose fixed part takes twelve octets with the header.
    package static var minimumLength: Int { 16 }
}
