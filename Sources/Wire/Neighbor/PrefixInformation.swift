// SPDX-License-Identifier: Apache-2.0

/// Prefix Information (RFC 4861 §4.6.2).
///
/// ```
/// |   Type = 3    |  Length = 4   | Prefix Length |L|A| Reserved1 |
/// |                     Valid Lifetime (s)                        |
/// |                   Preferred Lifetime (s)                      |
/// |                          Reserved2                            |
/// |                        Prefix (16)                            |
/// ```
package struct PrefixInformation: Equatable, Sendable {
    static let type: UInt8 = 3

    package var address: IPv6Address
    package var prefixLength: UInt8
    /// L: hosts of this prefix are reached on the link itself.
    package var isOnLink: Bool
    /// A: hosts may form their addresses from it (RFC 4862).
    package var isAutonomous: Bool
    /// Seconds.
    package var validLifetime: UInt32
    /// Seconds.
    package var preferredLifetime: UInt32

    package init(
        address: IPv6Address,
        prefixLength: UInt8,
        isOnLink: Bool = true,
        isAutonomous: Bool = true,
        validLifetime: UInt32,
        preferredLifetime: UInt32
    ) {
        self.address = address
        self.prefixLength = prefixLength
        self.isOnLink = isOnLink
        self.isAutonomous = isAutonomous
        self.validLifetime = validLifetime
        self.preferredLifetime = preferredLifetime
    }

    private static let onLink = BitField<UInt8>(first: 0)
    private static let autonomous = BitField<UInt8>(first: 1)

    init?(_ data: [UInt8]) {
        let span = data.span.bytes
        guard data.count == 30, let length = span.octet(at: 0), length <= 128, let flags = span.octet(at: 1),
            let valid = span.uint32(at: 2), let preferred = span.uint32(at: 6), let address = span.ipv6Address(at: 14)
        else { return nil }
        self.init(
            address: address,
            prefixLength: length,
            isOnLink: Self.onLink.isSet(flags),
            isAutonomous: Self.autonomous.isSet(flags),
            validLifetime: valid,
            preferredLifetime: preferred
        )
    }

    var data: [UInt8] {
        var flags: UInt8 = 0
        Self.onLink.set(isOnLink, in: &flags)
        Self.autonomous.set(isAutonomous, in: &flags)
        var writer = ByteWriter()
        writer.octet(prefixLength)
        writer.octet(flags)
        writer.uint32(validLifetime)
        writer.uint32(preferredLifetime)
        writer.zeros(4)
        writer.ipv6Address(address)
        return writer.octets
    }
}
