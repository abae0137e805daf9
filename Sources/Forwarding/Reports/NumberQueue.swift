// SPDX-License-Identifier: Apache-2.0

/// Sequence numbers, first in, first out.
struct NumberQueue: Sendable {
    private var numbers: [UInt32] = []
    private var head = 0

    var first: UInt32? { head < numbers.count ? numbers[head] : nil }

    mutating func append(_ number: UInt32) { numbers.append(number) }

    mutating func removeFirst() {
        guard head < numbers.count else { return }
        head += 1
        if head == numbers.count { removeAll() }
    }

    mutating func removeAll() {
        numbers.removeAll(keepingCapacity: true)
        head = 0
    }
}
