// SPDX-License-Identifier: Apache-2.0
import Wire

/// A packet on its way to a path, with what was found out about it.
struct Parcel: Sendable {
    let slot: Slot
    let key: FlowTable.Key
    let isIPv4: Bool
    /// DSCP and ECN.
    let trafficClass: UInt8
    /// Place of the flow rule that decides; nil: none.
    let rule: Int?
    /// Place of the flow rule that it matches; nil: none.
    let matching: Int?
    /// A pure acknowledgement, which may go elsewhere than its flow.
    var isAside = false
    /// Carries a number, if its path can.
    var isSequenced = false
    /// Of a sparse or real-time flow, or aside; known only where the distribution tells those from bulk.
    var isThin = false

    init(_ slot: Slot, _ packet: InnerPacket, key: FlowTable.Key, rule: Int?, matching: Int?) {
        self.slot = slot
        self.key = key
        self.rule = rule
        self.matching = matching
        isIPv4 = packet.isIPv4
        trafficClass = packet.trafficClass
    }

    var octets: Int { Int(slot.count) }
}
