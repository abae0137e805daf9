// SPDX-License-Identifier: Apache-2.0

/// Quality-of-Service (RFC 7222 §4.1).
///
/// ```
/// |      58       |    Length     |     SR-ID     | DSCP (6)  |res|
/// |      OC       |               Reserved (24)                   |
/// |   QoS attributes ...
/// ```
package struct QualityOfServiceOption: MobilityOption, Equatable {
    package static let type: UInt8 = 58
    package static let name = "Quality-of-Service"

    package static let attributes = SubOptionRegistry([
        PerMobileNodeMaximumDownlink.self, PerMobileNodeMaximumUplink.self,
        PerSessionMaximumDownlink.self, PerSessionMaximumUplink.self, AllocationRetentionPriority.self,
        AggregateMaximumDownlink.self, AggregateMaximumUplink.self, GuaranteedDownlink.self, GuaranteedUplink.self,
        QualityOfServiceTrafficSelector.self, QualityOfServiceVendorSpecific.self,
    ])

    /// SR-ID: the anchor allocates it; 0 in a gateway's first request.
    package var serviceRequest: UInt8
    package var codePoint: DifferentiatedServicesCodePoint
    package var operation: Operation
    package var attributes: SubOptions

    /// OC; an option with any other is to be ignored.
    package struct Operation: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let response = Operation(rawValue: 0)
        package static let allocate = Operation(rawValue: 1)
        package static let deallocate = Operation(rawValue: 2)
        package static let modify = Operation(rawValue: 3)
        package static let query = Operation(rawValue: 4)
        package static let negotiate = Operation(rawValue: 5)
    }

    package init(
        serviceRequest: UInt8,
        codePoint: DifferentiatedServicesCodePoint,
        operation: Operation,
        attributes: SubOptions = SubOptions()
    ) {
        self.serviceRequest = serviceRequest
        self.codePoint = codePoint
        self.operation = operation
        self.attributes = attributes
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        serviceRequest = try reader.octet("SR-ID")
        codePoint = try DifferentiatedServicesCodePoint(reading: &reader, "TC")
        operation = Operation(rawValue: try reader.octet("OC"))
        try reader.skip(3, "Reserved")
        attributes = try SubOptions(decoding: &reader, known: Self.attributes)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(serviceRequest)
        codePoint.write(into: &writer)
        writer.octet(operation.rawValue)
        writer.zeros(3)
        attributes.encode(into: &writer)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 0) }

    package var fields: [Field] {
        [Field("sr-id", serviceRequest), Field("dscp", codePoint.value), Field("oc", operation.rawValue)]
            + attributes.fields
    }
}
