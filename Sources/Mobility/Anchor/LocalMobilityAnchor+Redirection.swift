// SPDX-License-Identifier: Apache-2.0
import Wire

/// Runtime assignment of another anchor (RFC 6463 §5.3.2): we register the node there in its gateway's stead, with the
/// gateway's own key, and then name that anchor to the gateway.
extension LocalMobilityAnchor {
    /// As long as a gateway takes its time for the third attempt.
    private static let patience = Duration.seconds(3)
    /// How long an anchor that has not answered is not asked again: we serve ourselves as RFC 5213 has it.
    private static let holdDown = Duration.seconds(30)

    /// nil: the registration is ours.
    func redirectionTarget(
        for request: ProxyBindingUpdate,
        _ match: SessionMatch,
        from gateway: GatewayPeer,
        at now: Moment
    ) -> IPAddress? {
        guard let redirection = settings.redirection, match == .new, cache.sessions.count >= redirection.above,
            request.handoff == .attachmentOverNewInterface, request.options.first(RedirectCapability.self) != nil,
            // RFC 6463 §5.3: the family of the transport stays.
            redirection.target.isIPv4 == request.datagram.destination.isIPv4,
            request.mobileNode.map({ cache.sessions(of: $0).isEmpty }) == true, now.instant >= redirectionResumesAt
        else { return nil }
        return redirection.target
    }

    mutating func redirect(
        _ request: ProxyBindingUpdate,
        of node: NodeIdentifier,
        from gateway: GatewayPeer,
        to target: IPAddress,
        at now: Moment
    ) -> [Action] {
        guard let route = SignallingRoute(from: request.datagram.destination, to: target) else { return [] }
        var update = request.update
        // The capability stays here: the node shall not be sent on and on.
        update.options = MobilityOptions(
            request.options.all.filter {
                $0.optionType != MessageAuthentication.type && $0.optionType != RedirectCapability.type
            }
        )
        if request.options.alternateCareOf == nil { update.options.append(careOf: request.careOf) }
        let message = MobilityMessage.bindingUpdate(update)
        counters.send(message)
        redirections[node] = Redirection.Pending(request: request, gateway: gateway)
        deadlines.set(.redirection(node), at: now.instant + Self.patience)
        return [
            .send(Authentication.seal(message, on: route, careOf: request.careOf, by: gateway.authentication))
        ]
    }

    /// The other anchor's answer: it is passed on, with its address if it has the session.
    mutating func receivedAcknowledgement(
        _ reply: BindingAcknowledgement,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        guard let target = settings.redirection?.target else { return drop(datagram, .unexpectedType, at: now) }
        guard datagram.source == target, let node = reply.options.first(MobileNodeIdentifier.self)?.identifier,
            let pending = redirections[node], reply.sequence == pending.request.update.sequence
        else { return drop(datagram, .noMatchingRequest, at: now) }
        if let association = pending.gateway.authentication.association {
            let verdict = Authentication.verdict(
                on: datagram.octets,
                decoded: message,
                careOf: pending.request.careOf,
                association: association
            )
            guard verdict == .authentic else {
                return drop(datagram, verdict == .missing ? .authenticationMissing : .authenticationWrong, at: now)
            }
        }
        takeRedirection(of: node)
        // RFC 6463 §5.3.2: over IPv4 an anchor that does not know the care-of address option has taken ours.
        let isUsable =
            !pending.request.careOf.isIPv4 || reply.options.first(AlternateIPv4CareOfAddress.self) != nil
            || reply.status.rawValue >= 128
        guard isUsable else {
            return refuse(pending.request, Refusal(.insufficientResources), to: pending.gateway, at: now)
        }
        return passOn(reply, from: target, to: pending)
    }

    private mutating func passOn(
        _ reply: BindingAcknowledgement,
        from target: IPAddress,
        to pending: Redirection.Pending
    ) -> [Action] {
        let hadAlternate = pending.request.options.first(AlternateIPv4CareOfAddress.self) != nil
        var answer = reply
        answer.options = MobilityOptions(
            reply.options.all.filter {
                $0.optionType != MessageAuthentication.type
                    && (hadAlternate || $0.optionType != AlternateIPv4CareOfAddress.type)
            }
        )
        if reply.status.rawValue < 128 {
            answer.options.append(Redirect(target))
        } else {
            counters.refuse(reply.status)
        }
        counters.send(.bindingAcknowledgement(answer))
        var actions: [Action] = [.send(seal(answer, answering: pending.request, by: pending.gateway))]
        if reply.status.rawValue < 128, let node = pending.request.mobileNode {
            actions.append(.report(.redirected(node, of: pending.gateway.identifier, to: target)))
        }
        return actions
    }

    /// RFC 6463 §5.3.2: the other anchor does not answer.
    mutating func redirectionUnanswered(_ node: NodeIdentifier, at now: Moment) -> [Action] {
        guard let pending = takeRedirection(of: node) else { return [] }
        redirectionResumesAt = now.instant + Self.holdDown
        return refuse(pending.request, Refusal(.insufficientResources), to: pending.gateway, at: now)
    }

    @discardableResult
    private mutating func takeRedirection(of node: NodeIdentifier) -> Redirection.Pending? {
        deadlines.cancel(.redirection(node))
        return redirections.removeValue(forKey: node)
    }
}
