// SPDX-License-Identifier: Apache-2.0

/// Access Network Identifier (RFC 6757 §3, further sub-options RFC 7563): where the node is attached.
package struct AccessNetworkIdentifier: MobilityOption, Equatable {
    package static let type: UInt8 = 52
    package static let name = "Access Network Identifier"

    package static let subOptions = SubOptionRegistry([
        NetworkIdentifier.self, GeoLocation.self, OperatorIdentifier.self, CivicLocation.self,
        MAGGroupIdentifier.self, UpdateTimer.self,
    ])

    package var subOptions: SubOptions

    package init(_ subOptions: SubOptions) { self.subOptions = subOptions }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        subOptions = try SubOptions(decoding: &reader, known: Self.subOptions, atLeastOneIn: Self.name)
    }

    package func encode(into writer: inout ByteWriter) { subOptions.encode(into: &writer) }
    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { subOptions.fields }
}
