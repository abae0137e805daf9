// SPDX-License-Identifier: Apache-2.0

/// How sequence numbers stand to each other and to the buffer.
extension ReorderBuffer {
    /// In a ring of the capacity.
    func place(of sequence: UInt32) -> Int { Int(sequence & UInt32(truncatingIfNeeded: capacity - 1)) }

    /// How far `to` is ahead of `from`, modulo 2³² (RFC 2890 §2.2).
    package static func distance(from: UInt32, to: UInt32) -> Int { Int(Int32(bitPattern: to &- from)) }
}
