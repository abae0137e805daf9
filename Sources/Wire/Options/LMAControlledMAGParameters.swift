// SPDX-License-Identifier: Apache-2.0

/// LMA-Controlled MAG Parameters (RFC 8127 §3): timers with which the anchor overrides the gateway's own.
package struct LMAControlledMAGParameters: MobilityOption, Equatable {
    package static let type: UInt8 = 62
    package static let name = "LMA-Controlled MAG Parameters"

    package static let subOptions = SubOptionRegistry([ReregistrationControl.self, HeartbeatControl.self])

    package var subOptions: SubOptions

    package init(_ subOptions: SubOptions) { self.subOptions = subOptions }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        subOptions = try SubOptions(decoding: &reader, known: Self.subOptions, atLeastOneIn: Self.name)
    }

    package func encode(into writer: inout ByteWriter) { subOptions.encode(into: &writer) }

    /// Its sub-options then stand at 4n, where RFC 8127 §3.1 wants them: each is a multiple of four octets long.
    package var alignment: OptionAlignment { OptionAlignment(4, plus: 2) }
    package var fields: [Field] { subOptions.fields }
}
