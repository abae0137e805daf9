// SPDX-License-Identifier: Apache-2.0

/// Builds big-endian octets, front to back.
package struct ByteWriter: Sendable {
    package private(set) var octets: [UInt8] = []

    package init() {}

    /// With room for what is known to come.
    package init(capacity: Int) { octets.reserveCapacity(capacity) }

    package var count: Int { octets.count }

    package mutating func octet(_ value: UInt8) { octets.append(value) }

    package mutating func uint16(_ value: UInt16) { integer(value) }
    package mutating func uint32(_ value: UInt32) { integer(value) }
    package mutating func uint64(_ value: UInt64) { integer(value) }

    package mutating func bytes(_ values: some Sequence<UInt8>) { octets.append(contentsOf: values) }

    package mutating func zeros(_ count: Int) { octets.append(contentsOf: repeatElement(0, count: max(0, count))) }

    /// Overwrites a field whose value is only known once what follows it is written.
    package mutating func patch(uint16 value: UInt16, at offset: Int) {
        guard offset >= 0, offset + 2 <= octets.count else { return }
        octets[offset] = UInt8(truncatingIfNeeded: value >> 8)
        octets[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    package mutating func patch(octet value: UInt8, at offset: Int) {
        guard octets.indices.contains(offset) else { return }
        octets[offset] = value
    }

    /// Takes back what stands behind.
    package mutating func truncate(to count: Int) { octets.removeLast(max(0, octets.count - count)) }

    private mutating func integer(_ value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
