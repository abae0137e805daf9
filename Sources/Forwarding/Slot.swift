// SPDX-License-Identifier: Apache-2.0

/// A place in the `PacketArena` and the part of it that a packet fills. Trivial: holding a packet is holding this.
package struct Slot: Equatable, Sendable {
    package var index: Int32
    /// Octets from the beginning of the place to the packet.
    package var start: Int32
    /// Octets of the packet.
    package var count: Int32

    package init(index: Int32, start: Int32, count: Int32) {
        self.index = index
        self.start = start
        self.count = count
    }
}

extension Slot {
    /// The packet without its first octets, of which it must have so many.
    mutating func drop(_ octets: Int) {
        start &+= Int32(truncatingIfNeeded: octets)
        count &-= Int32(truncatingIfNeeded: octets)
    }
}
