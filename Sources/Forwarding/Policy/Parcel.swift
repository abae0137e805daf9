// SPDX-License-Identifier: Apache-2.0
import Wire

/// A packet on its way to a path, with what was found out about it.
struct Parcel: Sendable {
    let slot: Slot
    let key: FlowTable.Key
    let isIPv4: Bool
    /// DSCP and ECN.
    var trafficClass: UInt8
    /// Place of the flow rule that decides; nil: none.
    let rule: Int?
    /// Place of the flow rule that it matches; nil: none.
    let matching: Int?
    /// A pure acknowledgement, which may go elsewhere than its flow.
    var isAside = false
    /// Carries a number, if its path can.
    var isSequenced = false
    /// Of a thin flow, or aside; known only where the distribution tells those from bulk.
    var isThin = false

    /// When it began to wait.
    var waitsSince = Instant.zero
    /// What its flow sent last without a number, which must not be overtaken: its path, and when it arrives.
    var predecessor: (path: PathNumber, arrives: Instant)?

    init(_ slot: Slot, _ packet: InnerPacket, key: FlowTable.Key, rule: Int?, matching: Int?) {
        self.slot = slot
        self.key = key
        self.rule = rule
        self.matching = matching
        isIPv4 = packet.isIPv4
        trafficClass = packet.trafficClass
    }

    /// Whether its sender understands congestion marks (RFC 3168 §5).
    var knowsMarks: Bool { trafficClass & CongestionNotification.mask != 0 }

    var octets: Int { Int(slot.count) }
}
