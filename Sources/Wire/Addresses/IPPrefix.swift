// SPDX-License-Identifier: Apache-2.0

/// A prefix of either family. The bits beyond the length are always zero.
@frozen
public struct IPPrefix: Hashable, Sendable {
    public let address: IPAddress
    public let length: UInt8

    /// nil if the length exceeds the family's; host bits are cleared.
    public init?(_ address: IPAddress, length: Int) {
        guard length >= 0, length <= (address.isIPv4 ? 32 : 128) else { return nil }
        self.length = UInt8(length)
        switch address {
        case .v4(let address): self.address = .v4(IPv4Address(address.value & Self.mask32(length)))
        case .v6(let address):
            self.address = .v6(
                IPv6Address(
                    high: address.high & Self.mask64(length),
                    low: address.low & Self.mask64(length - 64)
                )
            )
        }
    }

    /// `address/length`; nil if that is no prefix or host bits are set.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            parts[1].utf8.count == 1 || parts[1].utf8.first != 48, let length = Int(parts[1]),
            let address = IPAddress(parts[0]), let prefix = IPPrefix(address, length: length),
            prefix.address == address
        else { return nil }
        self = prefix
    }

    /// The single address.
    public init(host address: IPAddress) {
        self.address = address
        self.length = address.isIPv4 ? 32 : 128
    }

    public var isIPv4: Bool { address.isIPv4 }

    @inlinable
    public func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        case (.v4(let mine), .v4(let other)): (mine.value ^ other.value) & Self.mask32(Int(length)) == 0
        case (.v6(let mine), .v6(let other)):
            (mine.high ^ other.high) & Self.mask64(Int(length)) == 0
                && (mine.low ^ other.low) & Self.mask64(Int(length) - 64) == 0
        default: false
        }
    }

    public func contains(_ other: IPPrefix) -> Bool { other.length >= length && contains(other.address) }

    public func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

    /// The address at a position counted from the prefix's first; nil if it lies outside.
    public func address(at position: UInt64) -> IPAddress? {
        let address: IPAddress
        switch self.address {
        case .v4(let mine):
            guard let position = UInt32(exactly: position) else { return nil }
            let (value, overflow) = mine.value.addingReportingOverflow(position)
            guard !overflow else { return nil }
            address = .v4(IPv4Address(value))
        case .v6(let mine):
            let (low, overflow) = mine.low.addingReportingOverflow(position)
            let (high, beyond) = mine.high.addingReportingOverflow(overflow ? 1 : 0)
            guard !beyond else { return nil }
            address = .v6(IPv6Address(high: high, low: low))
        }
        return contains(address) ? address : nil
    }

    /// The `index`-th prefix of the given length inside this one; nil if there is no such.
    public func subprefix(length: Int, at index: UInt64) -> IPPrefix? {
        let bits = isIPv4 ? 32 : 128
        guard length >= Int(self.length), length <= bits else { return nil }
        let width = length - Int(self.length)
        guard width >= 64 || index >> UInt64(width) == 0 else { return nil }
        switch address {
        case .v4(let mine):
            let offset = UInt32(truncatingIfNeeded: index << UInt64(32 - length))
            return IPPrefix(.v4(IPv4Address(mine.value | offset)), length: length)
        case .v6(let mine):
            let shift = 128 - length
            let low = shift >= 64 ? 0 : index << UInt64(shift)
            let high = shift >= 64 ? index << UInt64(shift - 64) : shift == 0 ? 0 : index >> UInt64(64 - shift)
            return IPPrefix(.v6(IPv6Address(high: mine.high | high, low: mine.low | low)), length: length)
        }
    }

    @inlinable
    static func mask32(_ length: Int) -> UInt32 { length <= 0 ? 0 : length >= 32 ? .max : .max << UInt32(32 - length) }
    @inlinable
    static func mask64(_ length: Int) -> UInt64 { length <= 0 ? 0 : length >= 64 ? .max : .max << UInt64(64 - length) }
}

extension IPPrefix: CustomStringConvertible {
    public var description: String { "\(address)/\(length)" }
}
