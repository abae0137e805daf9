// SPDX-License-Identifier: Apache-2.0

/// Link metrics as they travel: Vendor Specific, sub-type 2, a row of elements of one octet of type, one of length, and
/// data (RFC 5094 §3, docs/flow-signalling.md). Types that are unknown are a later version's, and skipped.
extension LinkMetrics {
    package static let subtype: UInt8 = 2

    private enum Element: UInt8 {
        case downlinkRate = 1
        case uplinkRate = 2
        case isMeasured = 3
        case costClass = 4
        case quotaLeft = 5
    }

    /// nil: some other option. Throws what does not suit it.
    package init?(_ option: VendorSpecific) throws(DecodeError) {
        guard option.vendor == VendorSpecific.plait, option.subtype == Self.subtype else { return nil }
        self.init()
        var reader = ByteReader(option.content)
        while !reader.isAtEnd {
            let type = try reader.octet("element type")
            var data = try reader.slice(Int(try reader.octet("element length")), "element \(type)")
            guard let element = Element(rawValue: type) else { continue }
            switch element {
            case .downlinkRate: downlinkRate = try data.uint64("downlink rate")
            case .uplinkRate: uplinkRate = try data.uint64("uplink rate")
            case .isMeasured: isMeasured = try data.octet("measured") != 0
            case .costClass: costClass = try data.octet("cost class")
            case .quotaLeft: quotaLeft = try data.uint64("quota left")
            }
            try data.finish("element \(type)")
        }
    }

    package var option: VendorSpecific {
        var writer = ByteWriter()
        func append(_ element: Element, _ value: UInt64?) {
            guard let value else { return }
            writer.bytes([element.rawValue, 8])
            writer.uint64(value)
        }
        append(.downlinkRate, downlinkRate)
        append(.uplinkRate, uplinkRate)
        if isMeasured { writer.bytes([Element.isMeasured.rawValue, 1, 1]) }
        if costClass != 0 { writer.bytes([Element.costClass.rawValue, 1, costClass]) }
        append(.quotaLeft, quotaLeft)
        return VendorSpecific(vendor: VendorSpecific.plait, subtype: Self.subtype, content: writer.octets)
    }

    /// Nobody knows anything.
    package var isEmpty: Bool { self == LinkMetrics() }

    var fields: [Field] {
        var fields: [Field] = []
        if let downlinkRate { fields.append(Field("downlink-rate", downlinkRate)) }
        if let uplinkRate { fields.append(Field("uplink-rate", uplinkRate)) }
        fields += [Field("measured", isMeasured), Field("cost-class", costClass)]
        if let quotaLeft { fields.append(Field("quota-left", quotaLeft)) }
        return fields
    }
}

extension MobilityOptions {
    /// nil: the sender says nothing of its lines, or nothing that could be read.
    package var linkMetrics: LinkMetrics? {
        for option in all(VendorSpecific.self) {
            if let metrics = try? LinkMetrics(option) { return metrics }
        }
        return nil
    }
}
