// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// Frames under way, the next to arrive first: a ring that grows.
///
/// Frames come nearly in the order of their departure, so each goes to its place from the back.
package struct DepartureQueue {
    /// A frame in a slot of the arena, and when it arrives.
    package struct Frame {
        package var departure: Instant
        package var slot: FrameArena.Slot
        package var octets: Int32

        package init(departure: Instant, slot: FrameArena.Slot, octets: Int32) {
            self.departure = departure
            self.slot = slot
            self.octets = octets
        }
    }

    private var ring: [Frame]
    private var first = 0
    /// Frames under way.
    package private(set) var count = 0

    package init() { ring = Array(repeating: Frame(departure: .never, slot: 0, octets: 0), count: 256) }

    /// When the next frame arrives.
    package var nextDeparture: Instant { count == 0 ? .never : ring[first].departure }

    /// Behind all frames that arrive no later.
    package mutating func insert(_ frame: Frame) {
        if count == ring.count { grow() }
        let mask = ring.count - 1
        var position = count
        while position > 0, ring[(first + position - 1) & mask].departure > frame.departure {
            ring[(first + position) & mask] = ring[(first + position - 1) & mask]
            position -= 1
        }
        ring[(first + position) & mask] = frame
        count += 1
    }

    /// The next frame if it is due.
    package mutating func popFirst(dueBy now: Instant) -> Frame? {
        guard count > 0, ring[first].departure <= now else { return nil }
        let frame = ring[first]
        first = (first + 1) & (ring.count - 1)
        count -= 1
        return frame
    }

    private mutating func grow() {
        let frames = (0..<count).map { ring[(first + $0) & (ring.count - 1)] }
        ring = frames + Array(repeating: Frame(departure: .never, slot: 0, octets: 0), count: ring.count)
        first = 0
    }
}
