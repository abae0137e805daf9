// SPDX-License-Identifier: Apache-2.0

extension ReorderBuffer {
    package enum Verdict: Equatable {
        case inOrder, held, late, duplicate, suspect, resynchronised
        /// Dropped: it fits neither what came before nor what the peer reports.
        case stale
        /// Delivered although others are missing.
        case ahead
        /// Delivered before, as it came over another path.
        case copy
    }

    /// What a packet is to the receiver.
    package enum Kind: Sendable {
        /// Waits for those before it.
        case ordinary
        /// Waits for none.
        case urgent
        /// The same, and the peer has sent it over several paths.
        case copy
    }
}
