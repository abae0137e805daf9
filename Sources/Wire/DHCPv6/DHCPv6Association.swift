// SPDX-License-Identifier: Apache-2.0

/// Addresses or prefixes that a client uses for one purpose [IA_NA, IA_PD] (RFC 8415 §21.4, §21.21).
///
/// ```
/// | IAID (4) | T1 (4) | T2 (4) | options |
/// ```
package struct DHCPv6Association: Equatable, Sendable {
    /// Chosen by the client, for which it is unique [IAID].
    package var identifier: UInt32
    /// Seconds until the client asks this server again [T1]; 0: as the client likes.
    package var renewal: UInt32
    /// Seconds until the client asks any server [T2]; 0: as the client likes.
    package var rebinding: UInt32
    package var options: [DHCPv6Option]

    package init(_ identifier: UInt32, renewal: UInt32 = 0, rebinding: UInt32 = 0, _ options: [DHCPv6Option] = []) {
        self.identifier = identifier
        self.renewal = renewal
        self.rebinding = rebinding
        self.options = options
    }

    init(_ reader: inout ByteReader, within place: DHCPv6Option.Place) throws(DecodeError) {
        identifier = try reader.uint32("IAID")
        renewal = try reader.uint32("T1")
        rebinding = try reader.uint32("T2")
        options = try DHCPv6Option.all(decoding: &reader, within: place)
    }

    func encode(into writer: inout ByteWriter) {
        writer.uint32(identifier)
        writer.uint32(renewal)
        writer.uint32(rebinding)
        for option in options { option.encode(into: &writer) }
    }

    package var prefixes: [DelegatedPrefix] {
        options.compactMap { if case .prefix(let prefix) = $0 { prefix } else { nil } }
    }

    package var status: DHCPv6Status? { options.status }
}
