// SPDX-License-Identifier: Apache-2.0
import Wire

/// Says in PBU and PBA that the sender knows path probes: Vendor Specific, sub-type 1, one octet of version, one of
/// capabilities, and eight of a random number that makes the probe key another one after a new start. A peer that does
/// not know it skips it (RFC 5094 §3).
enum ProbeAnnouncement {
    private static let subtype: UInt8 = 1
    private static let version: UInt8 = 1
    private static let pathProbes: UInt8 = 0x01

    static func option(number: UInt64) -> VendorSpecific {
        var writer = ByteWriter()
        writer.bytes([version, pathProbes])
        writer.uint64(number)
        return VendorSpecific(vendor: VendorSpecific.plait, subtype: subtype, content: writer.octets)
    }

    /// The sender's random number, zero from a peer that sends none; nil: it does not announce. Later octets are a later
    /// version's.
    static func number(in options: MobilityOptions) -> UInt64? {
        for option in options.all(VendorSpecific.self)
        where option.vendor == VendorSpecific.plait && option.subtype == subtype && option.content.count >= 2
            && option.content[0] == version && option.content[1] & pathProbes != 0
        {
            let octets = option.content.dropFirst(2).prefix(8)
            return octets.count == 8 ? octets.reduce(0) { $0 << 8 | UInt64($1) } : 0
        }
        return nil
    }
}
