// SPDX-License-Identifier: Apache-2.0

/// QoS-Vendor-Specific-Attribute (RFC 7222 §4.2.11).
///
/// ```
/// |      11       |    Length     |           Reserved            |
/// |                       Vendor ID (32)                          |
/// |   Sub-Type    |   Data ...
/// ```
package struct QualityOfServiceVendorSpecific: SubOption, Equatable {
    package static let type: UInt8 = 11
    package static let name = "QoS-Vendor-Specific-Attribute"

    /// Private enterprise number.
    package var vendor: UInt32
    package var subtype: UInt8
    package var content: [UInt8]

    package init(vendor: UInt32, subtype: UInt8, content: [UInt8]) {
        self.vendor = vendor
        self.subtype = subtype
        self.content = content
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(2, "Reserved")
        vendor = try reader.uint32("Vendor ID")
        subtype = try reader.octet("Sub-Type")
        content = reader.rest()
    }

    package func encode(into writer: inout ByteWriter) {
        writer.zeros(2)
        writer.uint32(vendor)
        writer.octet(subtype)
        writer.bytes(content)
    }

    package var fields: [Field] {
        [Field("vendor", vendor), Field("sub-type", subtype), Field("data", content)]
    }
}
