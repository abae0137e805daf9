// SPDX-License-Identifier: Apache-2.0

/// Vendor Specific (RFC 5094 §3).
///
/// ```
/// |      19       |    Length     |         Vendor ID (32) ...
/// |                               |   Sub-Type    |   Data ...
/// ```
package struct VendorSpecific: MobilityOption, Equatable {
    package static let type: UInt8 = 19
    package static let name = "Vendor Specific"

    /// Private enterprise number; 32473 is the one for documentation, under which our extensions go until we have one.
    package static let plait: UInt32 = 32473

    package var vendor: UInt32
    package var subtype: UInt8
    package var content: [UInt8]

    package init(vendor: UInt32, subtype: UInt8, content: [UInt8]) {
        self.vendor = vendor
        self.subtype = subtype
        self.content = content
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        vendor = try reader.uint32("Vendor ID")
        subtype = try reader.octet("Sub-Type")
        content = reader.rest()
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint32(vendor)
        writer.octet(subtype)
        writer.bytes(content)
    }

    package var alignment: OptionAlignment { OptionAlignment(4, plus: 2) }
    /// What we can read of it stands behind its octets.
    package var fields: [Field] {
        let metrics = try? LinkMetrics(self)
        return [Field("vendor", vendor), Field("sub-type", subtype), Field("data", content)] + (metrics?.fields ?? [])
    }
}
