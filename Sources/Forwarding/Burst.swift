// SPDX-License-Identifier: Apache-2.0

/// What one turn of the forwarder produced. Reused between turns: the arrays keep their capacity.
///
/// The caller sends everything and then gives every slot in `transmissions` and `deliveries` back to the arena.
package struct Burst: Sendable {
    /// To the tunnels.
    package var transmissions: [Transmission] = []
    /// To the TUN device, in this order.
    package var deliveries: [Slot] = []
    package var events: [ForwardingEvent] = []

    package init() {
        transmissions.reserveCapacity(256)
        deliveries.reserveCapacity(256)
    }

    package var isEmpty: Bool { transmissions.isEmpty && deliveries.isEmpty && events.isEmpty }

    /// Forgets everything; the slots must have been released before.
    package mutating func clear() {
        transmissions.removeAll(keepingCapacity: true)
        deliveries.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
    }
}
