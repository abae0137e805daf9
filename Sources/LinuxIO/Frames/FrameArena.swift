// SPDX-License-Identifier: Apache-2.0

/// One allocation of equal slots for Ethernet frames, handed out and given back by number.
///
/// Owned by one thread. A frame in a queue is then a number, not memory of its own.
package final class FrameArena {
    package typealias Slot = Int32

    /// Octets in a slot: an Ethernet frame of 1500 octets of payload, with room to spare.
    package static let slotOctets = 2048

    private let octets: UnsafeMutableRawPointer
    private let count: Int
    private var free: [Slot]

    /// Reserves address space only: a slot costs memory when it is first written.
    package init(slots: Int) {
        count = max(1, min(slots, Int(Slot.max)))
        octets = .allocate(byteCount: count * Self.slotOctets, alignment: 64)
        free = (0..<Slot(count)).reversed()
    }

    deinit { octets.deallocate() }

    /// A slot to write to, or nil when all are in use.
    package func take() -> Slot? { free.popLast() }

    /// The slot may be handed out again.
    package func giveBack(_ slot: Slot) { free.append(slot) }

    func address(of slot: Slot) -> UnsafeMutableRawPointer {
        precondition(slot >= 0 && slot < count, "slots come from take()")
        return octets + Int(slot) * Self.slotOctets
    }
}
