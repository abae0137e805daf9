// SPDX-License-Identifier: Apache-2.0

/// MAG Multipath Binding (RFC 8278 §4.1).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |      63       |  Length = 6   |    If-ATT     |   If-Label    |
/// |  Binding ID   |B|O|              Reserved                     |
/// ```
package struct MAGMultipathBinding: MobilityOption, Equatable {
    package static let type: UInt8 = 63
    package static let name = "MAG Multipath Binding"

    /// Of the access network behind the care-of address, not of the mobile node's link.
    package var accessTechnology: AccessTechnology
    /// 0: none.
    package var interfaceLabel: UInt8
    /// As received; 0 and 255 are reserved and for the engine to refuse.
    package var bindingIdentifier: UInt8
    /// B: refresh the lifetime of all of the node's bindings.
    package var isBulkReregistration: Bool
    /// O: replace all of the node's bindings.
    package var isOverwrite: Bool

    package init(
        accessTechnology: AccessTechnology,
        interfaceLabel: UInt8,
        bindingIdentifier: UInt8,
        isBulkReregistration: Bool = false,
        isOverwrite: Bool = false
    ) {
        self.accessTechnology = accessTechnology
        self.interfaceLabel = interfaceLabel
        self.bindingIdentifier = bindingIdentifier
        self.isBulkReregistration = isBulkReregistration
        self.isOverwrite = isOverwrite
    }

    private static let bulk = BitField<UInt8>(first: 0)
    private static let overwrite = BitField<UInt8>(first: 1)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        accessTechnology = AccessTechnology(rawValue: try reader.octet("If-ATT"))
        interfaceLabel = try reader.octet("If-Label")
        bindingIdentifier = try reader.octet("Binding ID")
        let flags = try reader.octet("flags")
        try reader.skip(2, "Reserved")
        isBulkReregistration = Self.bulk.isSet(flags)
        isOverwrite = Self.overwrite.isSet(flags)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(accessTechnology.rawValue)
        writer.octet(interfaceLabel)
        writer.octet(bindingIdentifier)
        var flags: UInt8 = 0
        Self.bulk.set(isBulkReregistration, in: &flags)
        Self.overwrite.set(isOverwrite, in: &flags)
        writer.octet(flags)
        writer.zeros(2)
    }

    /// RFC 8278 asks for none; the draft before it asked for this one, which satisfies both.
    package var alignment: OptionAlignment { OptionAlignment(8, plus: 2) }

    package var fields: [Field] {
        [
            Field("if-att", accessTechnology.rawValue), Field("if-label", interfaceLabel),
            Field("binding-id", bindingIdentifier), Field("bulk", isBulkReregistration),
            Field("overwrite", isOverwrite),
        ]
    }
}
