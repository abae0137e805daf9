// SPDX-License-Identifier: Apache-2.0
import Wire

/// Says in PBU and PBA that the sender knows path probes: Vendor Specific, sub-type 1, one octet of version and one of
/// capabilities. A peer that does not know it skips it (RFC 5094 §3).
enum ProbeAnnouncement {
    private static let subtype: UInt8 = 1
    private static let version: UInt8 = 1
    private static let pathProbes: UInt8 = 0x01

    static let option = VendorSpecific(vendor: VendorSpecific.plait, subtype: subtype, content: [version, pathProbes])

    /// Later octets are a later version's.
    static func isPresent(in options: MobilityOptions) -> Bool {
        options.all(VendorSpecific.self).contains { option in
            option.vendor == VendorSpecific.plait && option.subtype == subtype && option.content.count >= 2
                && option.content[0] == version && option.content[1] & pathProbes != 0
        }
    }
}
