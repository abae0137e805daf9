// SPDX-License-Identifier: Apache-2.0
package import API
import Forwarding
package import Mobility
import Wire

/// Every counter of the daemon under its name, in a fixed order; those of kinds and reasons that never happened are
/// left out, the fixed ones stand at zero.
package struct CounterList {
    package private(set) var counters: [API.Counter] = []

    package init(
        _ engine: EngineCounters,
        _ traffic: TrafficView,
        unsendable: Int,
        withheld: Int = 0,
        relay: PrefixDelegationRelay.Counters? = nil,
        access: AccessLinkNodes.Counters? = nil
    ) {
        for (name, count) in engine.received.sorted(by: { $0.key < $1.key }) {
            add("signalling_received_\(Self.word(name))", "\(name) messages received", count)
        }
        for (name, count) in engine.sent.sorted(by: { $0.key < $1.key }) {
            add("signalling_sent_\(Self.word(name))", "\(name) messages sent", count)
        }
        for (reason, count) in engine.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            add("signalling_dropped_\(Self.word(reason.rawValue))", "messages dropped: \(reason)", count)
        }
        for (status, count) in engine.refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            add("registrations_refused_\(status.rawValue)", "registrations refused: \(status)", count)
        }
        add("signalling_unsendable", "messages that the kernel refused to send", unsendable)
        add("signalling_withheld", "messages not sent because what they tell of could not be stored", withheld)
        if let relay { addRelay(relay) }
        if let access { add(access) }
        for reason in Forwarding.DropReason.allCases {
            add("packets_dropped_\(Self.word("\(reason)"))", "user packets dropped: \(reason)", traffic.drops[reason])
        }
        addSequencing(traffic.sequencing)
        addWorker(traffic.worker)
    }

    private mutating func addRelay(_ counters: PrefixDelegationRelay.Counters) {
        add("dhcpv6_relayed", "DHCPv6 messages of routers passed on to the anchor", counters.relayed)
        add("dhcpv6_answered", "DHCPv6 messages of the anchor passed on to routers", counters.answered)
        add("dhcpv6_ignored", "DHCPv6 messages passed on to nobody", counters.ignored)
        add("dhcpv6_held", "DHCPv6 answers that waited for a registration", counters.held)
        add("dhcpv6_expired", "DHCPv6 answers that waited for a registration in vain", counters.expired)
        add("dhcpv6_refused", "DHCPv6 answers whose prefixes were taken out", counters.refused)
    }

    private mutating func add(_ access: AccessLinkNodes.Counters) {
        add("dhcp_relayed", "DHCP messages of nodes and to them that were passed on", access.relayed)
        add("dhcp_mismatched", "DHCP messages dropped because of another address than the anchor's", access.mismatched)
    }

    private mutating func addSequencing(_ counters: SessionCounters) {
        add("packets_held", "packets that came before one sent earlier and waited for it", counters.reordered)
        add("packets_late", "packets delivered after they had been given up", counters.late)
        add("packets_lost", "sequence numbers given up", counters.lost)
        add("packets_repaired", "packets that were lost on their way and came again", counters.repaired)
        add("packets_copies", "packets sent over several paths that came behind their first copy", counters.copies)
        add("packets_stale", "packets dropped because their sequence number fitted nothing", counters.stale)
        add("sequence_resynchronisations", "times the peer's sequence was taken up anew", counters.resynchronisations)
    }

    private mutating func addWorker(_ worker: WorkerCounters) {
        add("packets_congested", "packets dropped because a socket's or link's queue was full", worker.congested)
        add("packets_refused", "packets that the kernel refused to send", worker.refused)
        add("packets_unreceivable", "packets that could not be taken from a socket", worker.unreceivable)
        add("arena_exhausted", "times no packet slot was free", worker.arenaExhausted)
        add("tun_errors", "errors of the tunnel device", worker.tunErrors)
    }

    private mutating func add(_ name: String, _ description: String, _ value: some BinaryInteger) {
        counters.append(API.Counter(name: name, description: description, value: Int(clamping: value)))
    }

    /// `camelCase` and words with blanks as `snake_case`; an abbreviation is one word.
    private static func word(_ text: String) -> String {
        var word = ""
        var wasLowercase = false
        for character in text {
            if character.isUppercase, wasLowercase { word += "_" }
            word += character == " " ? "_" : character.lowercased()
            wasLowercase = character.isLowercase
        }
        return word
    }
}
