// SPDX-License-Identifier: Apache-2.0

/// IPv4 DHCP Support Mode: whether the gateway serves DHCPv4 on the access link itself (RFC 5844 §3.3.4).
///
/// ```
/// |      39       |  Length = 2   |          Reserved           |S|
/// ```
package struct IPv4DHCPSupportMode: MobilityOption, Equatable {
    package static let type: UInt8 = 39
    package static let name = "IPv4 DHCP Support Mode"

    /// S: the gateway is the server; clear: it relays.
    package var isServer: Bool

    package init(isServer: Bool) { self.isServer = isServer }

    private static let server = BitField<UInt16>(first: 15)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        isServer = Self.server.isSet(try reader.uint16("flags"))
    }

    package func encode(into writer: inout ByteWriter) {
        var flags: UInt16 = 0
        Self.server.set(isServer, in: &flags)
        writer.uint16(flags)
    }

    package var fields: [Field] { [Field("server", isServer)] }
}
