// SPDX-License-Identifier: Apache-2.0
package import Wire

extension Forwarder {
    /// What would become of such a packet if we had to send it now; nil if no session has either of its addresses.
    /// Nothing changes by asking.
    package mutating func explain(_ question: FlowQuestion, at now: Instant) -> FlowExplanation? {
        guard let (place, tuple) = outgoing(question.tuple) else { return nil }
        let view = DownlinkView(
            tuple,
            isUplink: role == .gateway,
            codePoint: question.codePoint,
            flowLabel: question.flowLabel,
            securityParameterIndex: question.securityParameterIndex
        )
        let number = sessions.entries[place].number
        let key = FlowTable.Key(session: number, tuple: tuple, seed: seed)
        let memory = flowTable.memory(of: key, at: now) ?? FlowMemory(at: now)
        let rule = sessions.entries[place].firstRule(matching: view)
        let verdict = sessions.entries[place].judge(
            rule: rule,
            flow: memory,
            digest: key.digest,
            isThin: !memory.isBulk,
            at: now
        )
        let (path, reason) = sessions.entries[place].preview(
            verdict,
            rule: sessions.entries[place].acting(rule),
            at: now
        )
        return FlowExplanation(
            session: number,
            rule: rule.map { sessions.entries[place].rules[$0].rule },
            path: path.map { sessions.entries[place].paths[$0].number },
            reason: reason
        )
    }

    /// The session, and the tuple as we would send it.
    private func outgoing(_ tuple: FiveTuple) -> (place: Int, tuple: FiveTuple)? {
        let reversed = FiveTuple(
            source: tuple.destination,
            destination: tuple.source,
            protocolNumber: tuple.protocolNumber,
            sourcePort: tuple.destinationPort,
            destinationPort: tuple.sourcePort
        )
        for tuple in [tuple, reversed] {
            let owned = role == .gateway ? tuple.source : tuple.destination
            if let place = sessions.place(owning: owned) { return (place, tuple) }
        }
        return nil
    }
}
