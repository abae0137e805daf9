// SPDX-License-Identifier: Apache-2.0

/// IPv4 Traffic Offload Selector (RFC 6909 §3.1): flows that the gateway sends past the tunnel.
///
/// ```
/// |      53       |    Length     |
/// |M|                         Reserved                            |
/// |   Traffic Selector sub-option ...
/// ```
package struct IPv4TrafficOffloadSelector: MobilityOption, Equatable {
    package static let type: UInt8 = 53
    package static let name = "IPv4 Traffic Offload Selector"

    package static let subOptions = SubOptionRegistry([TrafficSelectorSubOption.self])

    /// M: what matches stays in the tunnel and everything else leaves it, instead of the other way round.
    package var isExcluding: Bool
    package var subOptions: SubOptions

    /// An update may do without a selector; an acknowledgement may not.
    package init(isExcluding: Bool, _ selector: TrafficSelector?) {
        self.isExcluding = isExcluding
        subOptions = SubOptions(selector.map { [TrafficSelectorSubOption($0)] } ?? [])
    }

    package var trafficSelector: TrafficSelector? { subOptions.first(TrafficSelectorSubOption.self)?.selector }

    private static let mode = BitField<UInt32>(first: 0)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        isExcluding = Self.mode.isSet(try reader.uint32("flags"))
        subOptions = try SubOptions(decoding: &reader, known: Self.subOptions)
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt32 = 0
        Self.mode.set(isExcluding, in: &flags)
        writer.uint32(flags)
        subOptions.encode(into: &writer)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }
    package var fields: [Field] { [Field("excluding", isExcluding)] + subOptions.fields }
}
