// SPDX-License-Identifier: Apache-2.0

/// A sub-option of Flow Identification that no RFC knows: what the type alone does not tell apart, the vendor does, as
/// in RFC 5094 §3. Who does not know it skips it (RFC 6089 §4.2.1).
///
/// ```
/// |      255      |    Length     |         Vendor ID (32) ...
/// |                               |   Sub-Type    |   Data ...
/// ```
package struct FlowVendorSpecific: SubOption, Equatable {
    package enum Content: Equatable, Sendable {
        case scheme(FlowScheme)
        case other(vendor: UInt32, subtype: UInt8, [UInt8])
    }

    /// The last one: far from what IANA gives away.
    package static let type: UInt8 = 255
    package static let name = "Flow Vendor Specific"
    private static let scheme: UInt8 = 1

    package var content: Content

    package init(_ scheme: FlowScheme) { content = .scheme(scheme) }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let vendor = try reader.uint32("Vendor ID")
        let subtype = try reader.octet("Sub-Type")
        if vendor == VendorSpecific.plait, subtype == Self.scheme {
            content = .scheme(try FlowScheme(decoding: &reader))
        } else {
            content = .other(vendor: vendor, subtype: subtype, reader.rest())
        }
    }

    package func encode(into writer: inout ByteWriter) {
        switch content {
        case .scheme(let scheme):
            writer.uint32(VendorSpecific.plait)
            writer.octet(Self.scheme)
            scheme.encode(into: &writer)
        case .other(let vendor, let subtype, let octets):
            writer.uint32(vendor)
            writer.octet(subtype)
            writer.bytes(octets)
        }
    }

    package var fields: [Field] {
        switch content {
        case .scheme(let scheme):
            [Field("vendor", VendorSpecific.plait), Field("sub-type", Self.scheme)] + scheme.fields
        case .other(let vendor, let subtype, let octets):
            [Field("vendor", vendor), Field("sub-type", subtype), Field("data", octets)]
        }
    }
}
