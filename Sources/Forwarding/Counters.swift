// SPDX-License-Identifier: Apache-2.0

/// Why a packet was dropped.
package enum DropReason: Int, Error, CaseIterable, Sendable {
    /// Not a whole IP packet, or tunnel headers that cannot be read.
    case malformed
    /// Multicast, link-local, unspecified or loopback addresses are not carried.
    case notForwardable
    /// From the TUN device: the address belongs to no session (RFC 5213 §6.10.5).
    case noSession
    /// From a tunnel: the inner source is not the session's (RFC 5213 §5.6.2, RFC 7148 §5.2.3).
    case spoofedSource
    /// From a tunnel: the inner destination is not the session's.
    case foreignDestination
    /// From a tunnel: no session has this GRE key, or the session has one and the packet has none.
    case unknownKey
    /// From a tunnel: the session is known, but has no path between these outer addresses.
    case wrongOuterAddress
    /// From a tunnel: GRE or a TLV header carries something that is neither IP nor a probe.
    case unknownProtocol
    /// No path is alive or waits for its first probe.
    case noUsablePath
    /// From a tunnel: congestion was marked on a packet whose sender knows no marks (RFC 6040 §4.2).
    case congestionMarked
    /// Larger than the tunnel MTU and not to be fragmented.
    case tooBig
    /// A sequence number seen before, or one that the peer cannot have sent now.
    case duplicate
    /// A flow rule says so, or is strict and none of its paths is there.
    case policy
    /// The queue of its class, or the share of memory that queues may have, was full, or its flow waited there for too long.
    case queueFull
    /// A probe that is forged, replayed, reflected or of another path; from an unknown address also one of too many.
    case badProbe
}

/// Drops by reason.
package struct DropCounters: Equatable, Sendable {
    private var counts = Array(repeating: UInt64(0), count: DropReason.allCases.count)

    package init() {}

    package subscript(reason: DropReason) -> UInt64 { counts[reason.rawValue] }

    package var total: UInt64 { counts.reduce(0, &+) }

    mutating func count(_ reason: DropReason) { counts[reason.rawValue] &+= 1 }
}

/// Counters of a path. Octets are those of inner packets.
package struct PathCounters: Equatable, Sendable {
    package var sentPackets: UInt64 = 0
    package var sentOctets: UInt64 = 0
    package var receivedPackets: UInt64 = 0
    package var receivedOctets: UInt64 = 0
    package var probesSent: UInt64 = 0
    package var probesReceived: UInt64 = 0
    package var probesRejected: UInt64 = 0
    package var transmissionsFailed: UInt64 = 0
    /// Sequence numbers sent of which the peer has told whether they arrived, and how many did not.
    package var numbersDecided: UInt64 = 0
    package var numbersLost: UInt64 = 0
    /// Packets sent over this path that another one, or an earlier sending, had lost.
    package var repairsSent: UInt64 = 0

    package init() {}
}

/// Counters of what a session received with sequence numbers.
package struct SessionCounters: Equatable, Sendable {
    /// Came ahead of a missing one and were held.
    package var reordered: UInt64 = 0
    /// Came after they had been given up, and were delivered out of order.
    package var late: UInt64 = 0
    /// Given up; those that came late are in both.
    package var lost: UInt64 = 0
    /// Came twice; the second was dropped.
    package var duplicates: UInt64 = 0
    /// Came over several paths, as they were sent, and were dropped behind the first.
    package var copies: UInt64 = 0
    /// Sequence numbers that fitted nothing and were dropped.
    package var stale: UInt64 = 0
    /// Times that the number space was taken up anew, as after a restart of the peer.
    package var resynchronisations: UInt64 = 0

    package init() {}

    mutating func add(_ other: SessionCounters) {
        reordered &+= other.reordered
        late &+= other.late
        lost &+= other.lost
        duplicates &+= other.duplicates
        copies &+= other.copies
        stale &+= other.stale
        resynchronisations &+= other.resynchronisations
    }
}
