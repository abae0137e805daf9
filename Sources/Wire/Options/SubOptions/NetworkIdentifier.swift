// SPDX-License-Identifier: Apache-2.0

/// Network-Identifier sub-option (RFC 6757 §3.1.1).
///
/// ```
/// |       1       |    Length     |E|   Reserved  | Net-Name Len  |
/// |   Network Name ...            |  AP-Name Len  | Access-Point Name ...
/// ```
package struct NetworkIdentifier: SubOption, Equatable {
    package static let type: UInt8 = 1
    package static let name = "Network-Identifier"

    /// E: the network name is UTF-8; else its encoding is a matter between the two ends.
    package var isUTF8: Bool
    /// An SSID, or country and network code of a 3GPP network in three digits each; not empty.
    package var networkName: [UInt8]
    /// Empty: not told.
    package var accessPointName: [UInt8]

    package init(isUTF8: Bool = true, networkName: [UInt8], accessPointName: [UInt8] = []) {
        self.isUTF8 = isUTF8
        self.networkName = networkName
        self.accessPointName = accessPointName
    }

    private static let utf8 = BitField<UInt8>(first: 0)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        isUTF8 = Self.utf8.isSet(try reader.octet("flags"))
        let start = reader.offset
        let length = Int(try reader.octet("Net-Name Len"))
        // RFC 6757 §3.1.1: not zero.
        guard length > 0 else { throw DecodeError(.badLength(0), field: "Network Name", offset: start) }
        networkName = try reader.octets(length, "Network Name")
        accessPointName = try reader.octets(Int(try reader.octet("AP-Name Len")), "Access-Point Name")
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt8 = 0
        Self.utf8.set(isUTF8, in: &flags)
        writer.octet(flags)
        for name in [networkName, accessPointName] {
            writer.octet(UInt8(clamping: name.count))
            writer.bytes(name.prefix(255))
        }
    }

    package var fields: [Field] {
        let network = isUTF8 ? Field("network-name", text: networkName) : Field("network-name", networkName)
        return [Field("utf-8", isUTF8), network, Field("access-point-name", text: accessPointName)]
    }
}
