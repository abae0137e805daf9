// SPDX-License-Identifier: Apache-2.0

/// Up to which GRE sequence numbers a session may have sent, so that one that is restored goes on ahead of them all
/// (RFC 2890 §2.2: what is behind is dropped).
///
/// Each start of the engine has a block of numbers for each session, without writing anything: the record says where
/// the block of one start begins, and later starts count on from there. Only a session that sends half a block in one
/// life has its record written again.
package struct SequenceReserve: Hashable, Sendable {
    package static let block: UInt32 = 1 << 24

    /// The first number of the block.
    package var first: UInt32
    /// The start that has this block.
    package var start: UInt32

    package init(first: UInt32, start: UInt32) {
        self.first = first
        self.start = start
    }

    /// Where a later start begins.
    func first(at later: UInt32) -> UInt32 { first &+ (later &- start) &* Self.block }
}
