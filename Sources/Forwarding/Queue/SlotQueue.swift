// SPDX-License-Identifier: Apache-2.0

/// A queue of parcels in the waiting room, fair between flows: a ring of those that wait in it.
struct SlotQueue: Sendable {
    /// By which the waiting room knows its flows; 0 until something waits.
    var identity: UInt32 = 0
    /// Places of flows; -1: none. The first is served next.
    var first: Int32 = -1
    var last: Int32 = -1
    var octets = 0

    var isEmpty: Bool { first < 0 }
}
