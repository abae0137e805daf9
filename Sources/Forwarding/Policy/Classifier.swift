// SPDX-License-Identifier: Apache-2.0
import Wire

/// Finds the flow rule of a packet. Both ends find the same: it is held against the rules as if it went down.
struct Classifier: Sendable {
    private var cache = ClassificationCache()
    private var fragments = FragmentTable()

    /// Place of the first of the session's rules, of which there are some, that the packet matches; nil: none. `digest`: of the packet's tuple as
    /// it is.
    mutating func classify(
        _ packet: InnerPacket,
        _ octets: RawSpan,
        digest: UInt64,
        isUplink: Bool,
        session: inout Session,
        at now: Instant
    ) -> Int? {
        let key = key(packet, octets, digest: digest, isUplink: isUplink, generation: session.generation)
        let rule: Int
        if packet.isFragment {
            // All fragments have the digest in common: it knows no ports of theirs.
            let own = PerFlow.mix(key ^ UInt64(packet.fragmentIdentification))
            if packet.transportOffset == nil, let first = fragments.rule(of: own, at: now) {
                rule = first
            } else {
                rule = session.firstRule(matching: DownlinkView(packet, octets, isUplink: isUplink)) ?? -1
                if packet.transportOffset != nil { fragments.remember(rule, of: own, at: now) }
            }
        } else if let known = cache.rule(of: key) {
            rule = known
        } else {
            rule = session.firstRule(matching: DownlinkView(packet, octets, isUplink: isUplink)) ?? -1
            cache.remember(rule, of: key)
        }
        return session.rules.indices.contains(rule) ? rule : nil
    }

    private func key(
        _ packet: InnerPacket,
        _ octets: RawSpan,
        digest: UInt64,
        isUplink: Bool,
        generation: UInt32
    ) -> UInt64 {
        // No two sessions have rules of one generation.
        var rest = UInt64(generation) << 32 | UInt64(packet.flowLabel) << 7 | UInt64(packet.trafficClass >> 2) << 1
        rest |= isUplink ? 1 : 0
        var key = PerFlow.mix(digest ^ PerFlow.mix(rest))
        // Only the first fragment shows it.
        if !packet.isFragment, let index = packet.securityParameterIndex(in: octets) {
            key = PerFlow.mix(key ^ UInt64(index))
        }
        // What shows no ports is not what has ports of 0.
        if !packet.isFragment, packet.portsShown(in: octets) == nil { key = ~key }
        return key
    }
}
