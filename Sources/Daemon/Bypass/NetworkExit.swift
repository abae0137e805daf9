// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// An access network, as packets of the site leave by it without a tunnel.
package struct NetworkExit: Hashable, Sendable {
    /// The binding identifier of its path: 1 to 254.
    package let number: UInt8
    /// RFC 8278 §4.1; 0: none.
    package let label: UInt8
    /// Of the packets that can leave by it at present: there is an address for them, and a router.
    package var families: Set<AddressFamily>
    /// Its path is silent, or its quota is used up: only for want of something better.
    package var isPoor: Bool

    package init(number: UInt8, label: UInt8, families: Set<AddressFamily>, isPoor: Bool = false) {
        self.number = number
        self.label = label
        self.families = families
        self.isPoor = isPoor
    }

    /// What packets bear that leave by it. The octet is ours; other bits are for others (docs/access-networks.md).
    package var mark: PacketMark { Self.mark(of: number) }

    package static func mark(of number: UInt8) -> PacketMark { PacketMark(UInt32(number) << 24, mask: markMask) }

    static let markMask: UInt32 = 0xFF00_0000
}
