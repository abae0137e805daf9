// SPDX-License-Identifier: Apache-2.0

/// Binding Identifier (RFC 5648 §4.1, BID-PRI RFC 6089 §4.1): one of many care-of addresses of a node.
///
/// ```
/// |      35       |    Length     |       Binding ID (BID)        |
/// |    Status     |H|   BID-PRI   |  Care-of Address (0, 4 or 16)
/// ```
package struct BindingIdentifierOption: MobilityOption, Equatable {
    package static let type: UInt8 = 35
    package static let name = "Binding Identifier"

    /// 0 is reserved.
    package var identifier: UInt16
    /// In acknowledgements: of this binding alone, 0 for that of the whole.
    package var status: UInt8
    /// H: a binding at home beside others abroad.
    package var isSimultaneous: Bool
    /// BID-PRI, seven bits: the lower the better; 0 from whom does not know RFC 6089.
    package var priority: UInt8
    /// In updates only.
    package var careOfAddress: IPAddress?

    package init(
        identifier: UInt16,
        status: UInt8 = 0,
        isSimultaneous: Bool = false,
        priority: UInt8 = 0,
        careOfAddress: IPAddress? = nil
    ) {
        self.identifier = identifier
        self.status = status
        self.isSimultaneous = isSimultaneous
        self.priority = priority
        self.careOfAddress = careOfAddress
    }

    private static let simultaneous = BitField<UInt8>(first: 0)
    private static let priority = BitField<UInt8>(first: 1, width: 7)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        identifier = try reader.uint16("Binding ID")
        status = try reader.octet("Status")
        let flags = try reader.octet("flags")
        isSimultaneous = Self.simultaneous.isSet(flags)
        priority = Self.priority.get(flags)
        careOfAddress = reader.isAtEnd ? nil : try reader.addressToTheEnd("Care-of Address")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(identifier)
        writer.octet(status)
        var flags: UInt8 = 0
        Self.simultaneous.set(isSimultaneous, in: &flags)
        Self.priority.set(priority, in: &flags)
        writer.octet(flags)
        if let careOfAddress { writer.bytes(careOfAddress.octets) }
    }

    /// RFC 5648 §4.1: 2n without a care-of address, 8n+2 with one.
    package var alignment: OptionAlignment {
        careOfAddress == nil ? OptionAlignment(2, plus: 0) : OptionAlignment(8, plus: 2)
    }

    package var fields: [Field] {
        let fields = [
            Field("bid", identifier), Field("status", status), Field("simultaneous", isSimultaneous),
            Field("bid-pri", priority),
        ]
        return fields + (careOfAddress.map { [Field("care-of-address", $0.description)] } ?? [])
    }
}
