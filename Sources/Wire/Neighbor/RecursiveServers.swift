// SPDX-License-Identifier: Apache-2.0

/// Recursive DNS Server (RFC 8106 §5.1): reserved (2), lifetime (4), addresses.
package struct RecursiveServers: Equatable, Sendable {
    static let type: UInt8 = 25

    /// Seconds; 0: no longer to be used.
    package var lifetime: UInt32
    /// At least one; the option has room for 127.
    package var addresses: [IPv6Address]

    package init(lifetime: UInt32, addresses: [IPv6Address]) {
        self.lifetime = lifetime
        self.addresses = Array(addresses.prefix(127))
    }

    init?(_ data: [UInt8]) {
        let span = data.span.bytes
        // RFC 8106 §5.3.1: a length of three units or more, and odd.
        guard data.count >= 22, (data.count - 6) % 16 == 0, let lifetime = span.uint32(at: 2) else { return nil }
        self.init(
            lifetime: lifetime,
            addresses: stride(from: 6, to: data.count, by: 16).compactMap { span.ipv6Address(at: $0) }
        )
    }

    var data: [UInt8] {
        var writer = ByteWriter()
        writer.zeros(2)
        writer.uint32(lifetime)
        for address in addresses { writer.ipv6Address(address) }
        return writer.octets
    }
}
