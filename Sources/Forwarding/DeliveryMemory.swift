// SPDX-License-Identifier: Apache-2.0

/// Which of the last numbers before the one expected next were delivered: what is late is told from what comes twice.
/// A ring of one bit a number.
struct DeliveryMemory: Sendable {
    private var bits: [UInt64] = []
    /// How many numbers are remembered.
    private(set) var count = 0

    /// Nothing is known of any number. The ring is made when there is something to remember.
    mutating func forget() {
        bits = []
        count = 0
    }

    /// As many numbers, none of which was delivered. `capacity`: a power of two, 64 at least.
    mutating func begin(_ capacity: Int) {
        bits = Array(repeating: 0, count: capacity / 64)
        count = capacity
    }

    /// The next number is remembered as well, and the oldest forgotten for it.
    mutating func advance(past number: UInt32, delivered isDelivered: Bool, _ capacity: Int) {
        if bits.isEmpty { bits = Array(repeating: 0, count: capacity / 64) }
        set(number, delivered: isDelivered)
        count = min(count + 1, bits.count * 64)
    }

    /// The number is one of those that are remembered.
    mutating func set(_ number: UInt32, delivered isDelivered: Bool) {
        let place = place(of: number)
        if isDelivered { bits[place.word] |= place.bit } else { bits[place.word] &= ~place.bit }
    }

    /// The number is one of those that are remembered.
    func wasDelivered(_ number: UInt32) -> Bool {
        let place = place(of: number)
        return bits[place.word] & place.bit != 0
    }

    private func place(of number: UInt32) -> (word: Int, bit: UInt64) {
        (Int(number >> 6) & (bits.count &- 1), UInt64(1) << UInt64(number & 63))
    }
}
