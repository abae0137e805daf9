// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A path as management shows it.
package struct PathSnapshot: Equatable, Sendable {
    package var number: PathNumber
    package var parameters: PathParameters
    /// Octets of the largest outer packet, as far as is known.
    package var mtu: Int
    /// The peer's end now: probes may have moved it.
    package var remote: IPAddress
    /// 0 without UDP.
    package var remotePort: UInt16
    package var condition: PathCondition
    /// Whether user packets may be sent on it now.
    package var isUsable: Bool
    package var counters: PathCounters
    /// From probes; nil before the first echo.
    package var latestRoundTripTime: Duration?
    package var smoothedRoundTripTime: Duration?
    /// What the peer's newest report says; nil where there are none.
    package var feedback: PathFeedback?
    /// What reports have taught; nil where there are none.
    package var learnt: LearntPath?
    /// When the last valid probe or user packet came.
    package var lastHeard: Instant?
}

/// What reports have taught of a path, in the direction in which we send.
package struct LearntPath: Equatable, Sendable {
    /// Bits per second of outer octets that are sent at most.
    package var rate: UInt64
    /// How much longer packets take than when nothing waits on the line.
    package var queueDelay: Duration
    /// Share of packets lost of late.
    package var loss: Double
    /// It does more harm than good, and is left alone for a while.
    package var isQuarantined: Bool
}

/// A session as management shows it.
package struct SessionSnapshot: Equatable, Sendable {
    package var number: SessionNumber
    package var parameters: SessionParameters
    package var tunnelMTU: Int
    package var counters: SessionCounters
    /// Packets that wait for a missing one.
    package var held: Int
    /// Packets that wait until a path has room.
    package var queued: Int
    /// Packets that were sent and are kept until the peer has acknowledged them.
    package var kept: Int
    /// In the order of the rules.
    package var rules: [RuleCounters]
    package var paths: [PathSnapshot]
}

/// A flow that was sent into a tunnel lately.
package struct FlowSnapshot: Equatable, Sendable {
    package var session: SessionNumber
    package var tuple: FiveTuple
    /// The path of its newest packet.
    package var path: PathNumber
    package var packets: UInt64
    /// Of inner packets.
    package var octets: UInt64
    package var lastSeen: Instant
    /// FID of the flow rule that the newest packet matched; nil: none did.
    package var rule: UInt16?
    /// Why its newest packet took the path.
    package var reason: FlowReason
}

/// Everything that management shows of a forwarder, but flows.
package struct ForwarderSnapshot: Equatable, Sendable {
    /// In order of their numbers.
    package var sessions: [SessionSnapshot]
    package var drops: DropCounters
    /// Of all sessions, those that have ended included.
    package var sequencing: SessionCounters
    /// Packet slots in use, and all of them.
    package var slotsOutstanding: Int
    package var slots: Int
}
