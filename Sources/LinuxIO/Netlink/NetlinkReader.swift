// SPDX-License-Identifier: Apache-2.0

/// Reads numbers in the machine's order from a netlink message. What lies outside reads as nil.
struct NetlinkReader {
    private let octets: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { self.octets = octets }

    var count: Int { octets.count }

    func uint8(at offset: Int) -> UInt8? {
        guard offset >= 0, offset < octets.count else { return nil }
        return octets[octets.startIndex + offset]
    }

    func uint16(at offset: Int) -> UInt16? { number(at: offset) }
    func uint32(at offset: Int) -> UInt32? { number(at: offset) }
    func uint64(at offset: Int) -> UInt64? { number(at: offset) }

    /// Octets from one offset up to another.
    func slice(_ start: Int, _ end: Int) -> ArraySlice<UInt8>? {
        guard start >= 0, start <= end, end <= octets.count else { return nil }
        return octets[(octets.startIndex + start)..<(octets.startIndex + end)]
    }

    private func number<Number: FixedWidthInteger>(at offset: Int) -> Number? {
        guard let slice = slice(offset, offset + MemoryLayout<Number>.size) else { return nil }
        return slice.withUnsafeBytes { $0.loadUnaligned(as: Number.self) }
    }
}
