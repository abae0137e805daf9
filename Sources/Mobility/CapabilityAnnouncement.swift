// SPDX-License-Identifier: Apache-2.0
import Wire

/// Says in PBU and PBA what of our extensions the sender knows: Vendor Specific, sub-type 1, one octet of version, one of
/// capabilities, and eight of a random number that makes the probe key another one after a new start. A peer that does
/// not know it skips it (RFC 5094 §3).
struct CapabilityAnnouncement: Equatable {
    struct Capabilities: OptionSet, Hashable, Sendable {
        var rawValue: UInt8

        static let pathProbes = Capabilities(rawValue: 0x01)
        /// The scheme sub-option of Flow Identification (docs/flow-signalling.md).
        static let flowSchemes = Capabilities(rawValue: 0x02)
        /// Of a gateway: it has flow rules that this anchor has told it.
        static let anchorRules = Capabilities(rawValue: 0x04)
        /// Reports in the place of probes (docs/path-reports.md).
        static let pathReports = Capabilities(rawValue: 0x08)
        /// Probes of paths' sizes are answered (docs/path-mtu.md).
        static let sizeProbes = Capabilities(rawValue: 0x10)
    }

    private static let subtype: UInt8 = 1
    private static let version: UInt8 = 1

    var capabilities: Capabilities
    /// Zero from a peer that sends none.
    var number: UInt64

    init(_ capabilities: Capabilities, number: UInt64) {
        self.capabilities = capabilities
        self.number = number
    }

    /// nil: the sender announces nothing. Later octets are a later version's.
    init?(in options: MobilityOptions) {
        for option in options.all(VendorSpecific.self)
        where option.vendor == VendorSpecific.plait && option.subtype == Self.subtype && option.content.count >= 2
            && option.content[0] == Self.version
        {
            let octets = option.content.dropFirst(2).prefix(8)
            self.init(
                Capabilities(rawValue: option.content[1]),
                number: octets.count == 8 ? octets.reduce(0) { $0 << 8 | UInt64($1) } : 0
            )
            return
        }
        return nil
    }

    /// nil: no path probes.
    var probeNumber: UInt64? { capabilities.contains(.pathProbes) ? number : nil }

    /// Reports are probes as well: who does not know those knows none.
    var knowsReports: Bool { capabilities.isSuperset(of: [.pathProbes, .pathReports]) }

    /// They are tagged as probes are.
    var knowsSizeProbes: Bool { capabilities.isSuperset(of: [.pathProbes, .sizeProbes]) }

    /// nil: there is nothing to announce.
    var option: VendorSpecific? {
        guard !capabilities.isEmpty else { return nil }
        var writer = ByteWriter()
        writer.bytes([Self.version, capabilities.rawValue])
        writer.uint64(number)
        return VendorSpecific(vendor: VendorSpecific.plait, subtype: Self.subtype, content: writer.octets)
    }
}
