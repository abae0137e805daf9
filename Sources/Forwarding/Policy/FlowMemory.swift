// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What is remembered of a flow between its packets.
package struct FlowMemory: Sendable {
    /// Octets per second that drain from a flow's level.
    private static let drain: Int64 = 32_000
    /// Octets: no flow is further from being thin again.
    private static let highest: Int64 = 24_000
    private static let bulkAbove: Int64 = 6_000
    private static let thinBelow: Int64 = 1_500

    /// Where the flow lives. nil: it has no place yet.
    package private(set) var home: PathNumber?
    /// The same, while it is bulk that keeps to one path.
    package private(set) var bulkHome: PathNumber?
    package var lastSeen: Instant
    /// A leaky bucket of octets, which tells thin flows from bulk.
    private var level: Int64 = 0
    package private(set) var isBulk = false
    /// The path of what went last without a sequence number, and when that arrives as far as round trips tell.
    package var lastPlain: (path: PathNumber, arrives: Instant)?

    package init(at now: Instant) { lastSeen = now }

    /// The flow sends a packet.
    package mutating func pour(_ octets: Int, at now: Instant) {
        let elapsed = max(0, min((now - lastSeen).wholeNanoseconds, 1_000_000_000))
        level = min(max(0, level - elapsed * Self.drain / 1_000_000_000) + Int64(octets), Self.highest)
        if level > Self.bulkAbove {
            isBulk = true
        } else if level < Self.thinBelow {
            isBulk = false
        }
    }

    /// A rule decides about the flow: it lives in one place, however much it sends.
    package mutating func obeyRule() {
        guard isBulk else { return }
        home = bulkHome ?? home
        bulkHome = nil
        isBulk = false
        level = 0
    }

    /// A packet took the path. `isAside`: a pure acknowledgement, which may go elsewhere than its flow.
    package mutating func settle(on path: PathNumber, isAside: Bool) {
        if !isBulk {
            home = path
            bulkHome = nil
        } else if !isAside {
            bulkHome = path
        }
    }
}
