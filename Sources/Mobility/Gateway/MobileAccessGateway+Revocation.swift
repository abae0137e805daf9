// SPDX-License-Identifier: Apache-2.0
import Wire

/// Revocations at the gateway: which of its sessions they are about (RFC 5846 §9.1).
extension MobileAccessGateway {
    /// What becomes of which session, by its place; and the answer.
    private struct Judgement {
        var status: BindingRevocationStatus
        var missing = MobilityOptions()
        var verdicts: [(session: Int, verdict: RevocationVerdict)] = []

        init(_ status: BindingRevocationStatus) { self.status = status }

        init(_ verdict: RevocationVerdict, of session: Int) {
            (status, missing, verdicts) = (verdict.status, verdict.missing, [(session, verdict)])
        }
    }

    mutating func receivedRevocation(
        _ indication: BindingRevocationIndication,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        if let reason = distrustOfSignal(message, in: datagram, at: now) { return drop(datagram, reason, at: now) }
        let route = SignallingRoute(answering: datagram)
        if let answered = answeredRevocation, answered.answers(indication, at: now.instant) {
            return [
                shared.send(.bindingRevocationAcknowledgement(answered.reply), on: route, careOf: datagram.destination)
            ]
        }
        let judgement = judge(indication)
        let reply = BindingRevocationAcknowledgement(
            status: judgement.status,
            sequence: indication.sequence,
            flags: indication.flags.intersection([.proxyBinding, .ipv4HomeAddressOnly, .global]),
            options: judgement.missing
        )
        answeredRevocation = AnsweredRevocation(indication: indication, reply: reply, at: now.instant)
        var actions: [Action] = [
            .report(.revocationAnswered(from: datagram.source, indication.trigger, judgement.status))
        ]
        for (session, verdict) in judgement.verdicts where verdict.status.isAccepted {
            actions += withSession(session) { $0.perform(verdict, on: indication.trigger, at: now) }
        }
        return actions
            + [shared.send(.bindingRevocationAcknowledgement(reply), on: route, careOf: datagram.destination)]
    }

    private func judge(_ indication: BindingRevocationIndication) -> Judgement {
        // RFC 5846 §6.2.1
        guard indication.trigger.isKnown else { return Judgement(.triggerNotSupported) }
        let isGlobal = indication.flags.contains(.global)
        guard indication.trigger.isGlobal == isGlobal, indication.flags.contains(.proxyBinding) else {
            return Judgement(.functionNotSupported)
        }
        guard isGlobal else { return judge(one: indication) }
        guard !indication.flags.contains(.ipv4HomeAddressOnly) else { return Judgement(.functionNotSupported) }
        if indication.trigger == .perPeerPolicy {
            // RFC 5846 §9.1: no options go with it.
            guard indication.options.unprotected.isEmpty else { return Judgement(.functionNotSupported) }
            return judge(all: Array(sessions.indices), ifNone: .bindingDoesNotExist) { $0.whole }
        }
        return judge(realm: indication.options)
    }

    private func judge(one indication: BindingRevocationIndication) -> Judgement {
        let named = indication.options.first(MobileNodeIdentifier.self).flatMap {
            index(of: SessionIdentifier(mobileNode: $0.identifier))
        }
        guard let named else { return Judgement(.bindingDoesNotExist) }
        return Judgement(sessions[named].verdict(onOne: indication), of: named)
    }

    /// RFC 5846 §9.1: `@realm`, and with a care-of address only the bindings that have it.
    private func judge(realm options: MobilityOptions) -> Judgement {
        let unidentified = BindingRevocationStatus.revokedMobileNodesIdentityRequired
        guard let name = options.first(MobileNodeIdentifier.self)?.identifier, name.subtype == NodeIdentifier.nai,
            name.octets.first == UInt8(ascii: "@")
        else { return Judgement(unidentified) }
        let members = sessions.indices.filter {
            sessions[$0].node.identifier.isInRealm(Array(name.octets.dropFirst()))
        }
        guard !members.isEmpty else { return Judgement(unidentified) }
        guard let careOf = options.alternateCareOf else {
            return judge(all: members, ifNone: .bindingDoesNotExist) { $0.whole }
        }
        return judge(all: members, ifNone: unidentified) { $0.verdict(onCareOf: careOf) }
    }

    private func judge(
        all members: [Int],
        ifNone status: BindingRevocationStatus,
        _ verdict: (MobilitySession) -> RevocationVerdict?
    ) -> Judgement {
        let verdicts = members.compactMap { index in verdict(sessions[index]).map { (index, $0) } }
            .filter { $0.1.status.isAccepted }
        var judgement = Judgement(verdicts.isEmpty ? status : .success)
        judgement.verdicts = verdicts
        return judgement
    }
}
