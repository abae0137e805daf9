// SPDX-License-Identifier: Apache-2.0

/// Flow Identification (RFC 6089 §4.2): a flow, and the bindings that it is bound to.
///
/// ```
/// |      45       |    Length     |              FID              |
/// |            FID-PRI            |   Reserved    |    Status     |
/// |   Sub-options ...
/// ```
package struct FlowIdentification: MobilityOption, Equatable {
    package static let type: UInt8 = 45
    package static let name = "Flow Identification"

    package static let subOptions = SubOptionRegistry(
        [
            BindingReference.self, TrafficSelectorSubOption.self, FlowBindingAction.self, TargetCareOfAddress.self,
            FlowVendorSpecific.self,
        ],
        hasPadding: true
    )

    /// FID; 0 is reserved.
    package var identifier: UInt16
    /// FID-PRI: the lower, the earlier it is matched; 0 is reserved.
    package var priority: UInt16
    /// Means something in acknowledgements only.
    package var status: FlowBindingStatus
    package var subOptions: SubOptions

    package init(
        identifier: UInt16,
        priority: UInt16,
        status: FlowBindingStatus = .successful,
        subOptions: SubOptions = SubOptions()
    ) {
        self.identifier = identifier
        self.priority = priority
        self.status = status
        self.subOptions = subOptions
    }

    /// nil: the update changes none.
    package var trafficSelector: TrafficSelector? { subOptions.first(TrafficSelectorSubOption.self)?.selector }

    /// nil: the update changes none.
    package var bindingIdentifiers: [UInt16]? { subOptions.first(BindingReference.self)?.bindingIdentifiers }

    /// nil: nothing beyond RFC 6089, or in an update of a flow that has a scheme, none other.
    package var scheme: FlowScheme? {
        for subOption in subOptions.all(FlowVendorSpecific.self) {
            if case .scheme(let scheme) = subOption.content { return scheme }
        }
        return nil
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        identifier = try reader.uint16("FID")
        priority = try reader.uint16("FID-PRI")
        try reader.skip(1, "Reserved")
        status = FlowBindingStatus(rawValue: try reader.octet("Status"))
        subOptions = try SubOptions(decoding: &reader, known: Self.subOptions)
    }

    package func encode(into writer: inout ByteWriter) {
        let start = writer.count
        writer.uint16(identifier)
        writer.uint16(priority)
        writer.octet(0)
        writer.octet(status.rawValue)
        subOptions.encodeAligned(into: &writer, dataFrom: start)
    }

    /// RFC 6089 §4.2 asks for 2n. Its sub-options are aligned from the start of the mobility header, as RFC 6088 §3
    /// asks of selectors, so that the option stands where the widest of them wants to.
    package var alignment: OptionAlignment { subOptions.alignment(atLeast: 2) }

    package var fields: [Field] {
        [Field("fid", identifier), Field("fid-pri", priority), Field("status", status.rawValue)] + subOptions.fields
    }
}
