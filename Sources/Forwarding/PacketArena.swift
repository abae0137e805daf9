// SPDX-License-Identifier: Apache-2.0

/// One allocation of packet places of a fixed size, with headroom so that headers go in front in place.
package struct PacketArena: ~Copyable {
    package static let slotSize = 2048
    /// Octets before a fresh packet: room for encapsulation.
    package static let headroom = 128
    /// The largest packet that a fresh slot takes.
    package static let capacity = slotSize - headroom

    private let base: UnsafeMutableRawPointer
    private var free: [Int32]
    /// In how many hands each slot is.
    private var hands: [UInt8]
    /// Slots that are kept although they have been sent, and how many may be.
    package private(set) var kept = 0
    private let mostKept: Int
    /// How many packets fit at a time.
    package let slots: Int

    /// At least one slot.
    package init(slots: Int) {
        let slots = max(1, min(slots, Int(Int32.max) / Self.slotSize))
        self.slots = slots
        base = .allocate(byteCount: slots * Self.slotSize, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: slots * Self.slotSize)
        free = (0..<Int32(slots)).reversed()
        hands = Array(repeating: 0, count: slots)
        mostKept = slots / 4
    }

    deinit { base.deallocate() }

    /// Slots that are in somebody's hands.
    package var outstanding: Int { slots - free.count }

    /// A slot that starts behind the headroom and is as long as it can be; nil if all are taken.
    package mutating func take() -> Slot? {
        guard let index = free.popLast() else { return nil }
        hands[Int(index)] = 1
        return Slot(index: index, start: Int32(Self.headroom), count: Int32(Self.capacity))
    }

    /// Gives a slot back, which is free when nobody else holds it. One that is not taken stays as it is, so that a mistake
    /// does not hand a slot out twice.
    package mutating func release(_ slot: Slot) {
        let index = Int(slot.index)
        guard hands.indices.contains(index), hands[index] > 0 else {
            assertionFailure("slot \(index) released twice")
            return
        }
        hands[index] -= 1
        if hands[index] == 0 { free.append(slot.index) }
    }

    /// The slot, which somebody holds, has to be given back once more. Its packet must not be changed meanwhile.
    package mutating func hold(_ slot: Slot) -> Bool {
        let index = Int(slot.index)
        guard hands.indices.contains(index), hands[index] > 0, hands[index] < .max else { return false }
        hands[index] += 1
        return true
    }

    /// Holds a slot that leaves, so that its packet can be sent again, until it is let go; false: too many are kept.
    package mutating func keep(_ slot: Slot) -> Bool {
        guard kept < mostKept, hold(slot) else { return false }
        kept += 1
        return true
    }

    package mutating func letGo(_ slot: Slot) {
        kept -= 1
        release(slot)
    }

    /// The packet's octets for a system call. Empty for a slot that does not lie inside the arena.
    @inline(__always)
    package func buffer(_ slot: Slot) -> UnsafeMutableRawBufferPointer {
        let start = Int(slot.start)
        let count = Int(slot.count)
        guard slot.index >= 0, Int(slot.index) < slots, start >= 0, count >= 0, start <= Self.slotSize,
            count <= Self.slotSize &- start
        else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        let place = base.advanced(by: Int(slot.index) &* Self.slotSize &+ start)
        return UnsafeMutableRawBufferPointer(start: place, count: count)
    }

    /// Lends the packet's octets for reading.
    @inline(__always)
    package func withBytes<Result>(_ slot: Slot, _ body: (RawSpan) -> Result) -> Result {
        body(UnsafeRawBufferPointer(buffer(slot)).bytes)
    }

    /// Whether both octets lie inside the packet; if not, nothing is written.
    @discardableResult
    package func store(_ value: UInt16, at offset: Int, in slot: Slot) -> Bool {
        let bytes = buffer(slot)
        guard offset >= 0, offset <= bytes.count &- 2 else { return false }
        bytes.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
        return true
    }

    /// Makes the octets the packet of the slot, where it starts now; false, and nothing written, if they do not fit.
    package func fill(_ slot: inout Slot, with octets: some Collection<UInt8>) -> Bool {
        guard let count = Int32(exactly: octets.count) else { return false }
        let whole = Slot(index: slot.index, start: slot.start, count: count)
        let bytes = buffer(whole)
        guard bytes.count == octets.count else { return false }
        bytes.copyBytes(from: octets)
        slot = whole
        return true
    }

    /// Appends the first `count` octets of another packet, as far as there are such and they fit.
    package func append(_ count: Int, of other: Slot, to slot: inout Slot) {
        let source = buffer(other)
        let end = Int(slot.start) + Int(slot.count)
        let count = max(0, min(count, source.count, Self.slotSize - end))
        let tail = buffer(Slot(index: slot.index, start: Int32(end), count: Int32(count)))
        guard tail.count == count else { return }
        tail.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
        slot.count += Int32(count)
    }
}

extension PacketArena {
    /// A copy of the packet.
    package func octets(_ slot: Slot) -> [UInt8] { Array(buffer(slot)) }

    /// A slot with the same packet; nil if none is free.
    package mutating func copy(_ other: Slot) -> Slot? {
        guard var slot = take() else { return nil }
        slot.count = 0
        append(Int(other.count), of: other, to: &slot)
        return slot
    }

    /// A slot filled with the octets; nil if none is free or they do not fit.
    package mutating func take(filledWith octets: some Collection<UInt8>) -> Slot? {
        guard var slot = take() else { return nil }
        if fill(&slot, with: octets) { return slot }
        release(slot)
        return nil
    }
}
