// SPDX-License-Identifier: Apache-2.0
import Wire

/// What waits of one class: of a rule of an operator's, of thin flows, or of the rest.
struct TrafficClass: Sendable {
    /// How long a packet waits in a full queue, on a path of its own and where several share the work.
    static let patience = Duration.milliseconds(100)
    static let sharedPatience = Duration.milliseconds(150)
    /// Octets that always have room.
    static let least = 24_000
    /// For how long a class may go ahead of its rates.
    private static let burst = Duration.milliseconds(20)

    /// By place of the path; the last one is for whichever path has room.
    var lanes: [SlotQueue]
    var packets = 0
    /// Before everything else, as long as it has room.
    var guarantee: Pacer?
    /// Nothing goes without room.
    var maximum: Pacer?
    /// Octets that the class may send in this round.
    var deficit = 0
    /// Until when the better paths of an overflow rule count as full.
    var spillsUntil = Instant.zero

    init(paths: Int, rule: FlowRule?) {
        lanes = Array(repeating: SlotQueue(), count: paths + 1)
        guarantee = rule?.guaranteedRate.map { Pacer(rate: $0, credit: Self.burst) }
        maximum = rule?.maximumRate.map { Pacer(rate: $0, credit: Self.burst) }
    }

    var shared: Int { lanes.count - 1 }

    /// A packet of the class goes. What it sends beyond its guaranteed rate takes nothing of that away.
    mutating func book(_ octets: Int, at now: Instant) {
        if guarantee?.hasRoom(at: now) == true { guarantee?.debit(octets, at: now) }
        maximum?.debit(octets, at: now)
    }

    func isHeldBack(at now: Instant) -> Bool { maximum.map { !$0.hasRoom(at: now) } ?? false }
}
