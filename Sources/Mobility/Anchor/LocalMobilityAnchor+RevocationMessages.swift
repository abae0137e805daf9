// SPDX-License-Identifier: Apache-2.0
import Wire

/// The anchor's indications, their repetition and their acknowledgements (RFC 5846 §6).
extension LocalMobilityAnchor {
    mutating func begin(
        _ subject: Revocation.Subject,
        at gateway: GatewayPeer,
        _ trigger: BindingRevocationTrigger,
        _ flags: BindingRevocationFlags = [],
        paths: [PathIdentifier],
        options: MobilityOptions,
        over carrier: Revocation.Carrier? = nil,
        at now: Moment
    ) -> [Action] {
        let revocation = Revocation(
            number: revocationLog.nextNumber(),
            sequence: newRevocationSequence(),
            gateway: gateway.identifier,
            subject: subject,
            trigger: trigger,
            paths: paths,
            flags: flags.union(.proxyBinding),
            options: options,
            carrier: carrier
        )
        revocationLog.note(RevocationRecord(revocation))
        for session in revocation.sessions { flag(paths, of: session, by: revocation.sequence) }
        if case .homeAddress(let session) = subject { cache[session]?.homeAddressRevocation = revocation.sequence }
        guard !gatewaysWithoutRevocation.contains(gateway.identifier) else {
            return revocationEnded(revocation, with: .unsupported, at: now)
        }
        return transmit(revocation, at: now)
    }

    /// RFC 5846 §8.1: revocation in progress.
    private mutating func flag(_ paths: [PathIdentifier], of identifier: SessionIdentifier, by sequence: UInt16) {
        guard var session = cache[identifier] else { return }
        let meant = Set(paths.filter { $0.session == identifier }.map(\.binding))
        for index in session.bindings.indices where meant.contains(session.bindings[index].path.binding) {
            session.bindings[index].revocation = sequence
        }
        cache[identifier] = session
    }

    /// RFC 5846 §5.1: random, and nobody else's who waits.
    private mutating func newRevocationSequence() -> UInt16 {
        var sequence = UInt16.random(in: 0 ... .max, using: &random)
        // With every number taken the oldest name means the newest revocation; nothing waits longer than seconds.
        for _ in 0...UInt16.max {
            guard revocations[sequence] != nil else { break }
            sequence &+= 1
        }
        return sequence
    }

    private mutating func transmit(_ waiting: Revocation, at now: Moment) -> [Action] {
        var revocation = waiting
        revocation.attempt += 1
        guard let gateway = admission.gateway(revocation.gateway), let carrier = carrier(for: revocation) else {
            return revocationEnded(revocation, with: .unanswered, at: now)
        }
        revocation.routes.append(carrier.route)
        revocations[revocation.sequence] = revocation
        let delay = settings.revocation.delay(afterAttempt: revocation.attempt)
        deadlines.set(.revocation(revocation.sequence), at: now.instant + delay)
        let indication = BindingRevocationIndication(
            trigger: revocation.trigger,
            sequence: revocation.sequence,
            flags: revocation.flags,
            options: options(of: revocation, over: carrier, to: gateway, at: now)
        )
        return [send(.bindingRevocationIndication(indication), over: carrier, to: gateway)]
    }

    private mutating func options(
        of revocation: Revocation,
        over carrier: Revocation.Carrier,
        to gateway: GatewayPeer,
        at now: Moment
    ) -> MobilityOptions {
        var options = revocation.options
        // RFC 5846 §8.1: where it does not go to the care-of address itself.
        if revocation.paths.count == 1, let path = revocation.paths.first,
            let careOf = cache[path.session]?[path.binding]?.careOf, careOf != carrier.careOf
        {
            options.append(careOf: careOf)
        }
        // Against replays; a repetition has another one.
        if gateway.authentication != .none { options.append(nextMessageIdentifier(at: now)) }
        return options
    }

    /// Grows with every message, though several leave at one time: the receiver takes none that does not.
    mutating func nextMessageIdentifier(at now: Moment) -> MessageIdentifier {
        let value = max(MessageIdentifier(now.timestamp).value, newestMessageIdentifier &+ 1)
        newestMessageIdentifier = value
        return MessageIdentifier(value: value)
    }

    mutating func send(
        _ message: MobilityMessage,
        over carrier: Revocation.Carrier,
        to gateway: GatewayPeer
    ) -> Action {
        counters.send(message)
        return .send(
            Authentication.seal(message, on: carrier.route, careOf: carrier.careOf, by: gateway.authentication)
        )
    }

    /// A care-of address of the gateway's that works: the binding's own before those of its session, before any. Another
    /// one each time, if there are several.
    private func carrier(for revocation: Revocation) -> Revocation.Carrier? {
        if let carrier = revocation.carrier { return carrier }
        let own = revocation.paths.compactMap { cache[$0.session]?[$0.binding] }
        let paths = Set(revocation.paths)
        let siblings = revocation.sessions.compactMap { cache[$0] }.flatMap(\.bindings)
            .filter { !paths.contains($0.path) }
        return carrier(among: own + siblings, of: revocation.gateway, attempt: revocation.attempt)
    }

    /// nil: the gateway has no binding at all.
    func carrier(among bindings: [Binding], of gateway: NodeIdentifier, attempt: Int) -> Revocation.Carrier? {
        var candidates = bindings.filter(\.isWorking)
        if candidates.isEmpty { candidates = sessions(at: gateway).flatMap(\.bindings).filter(\.isWorking) }
        if candidates.isEmpty { candidates = bindings }
        guard !candidates.isEmpty else { return nil }
        let binding = candidates[(attempt - 1) % candidates.count]
        return Revocation.Carrier(route: binding.route, careOf: binding.careOf)
    }

    /// RFC 5846 §6.3
    mutating func revocationDue(_ sequence: UInt16, at now: Moment) -> [Action] {
        guard let revocation = revocations[sequence] else { return [] }
        return revocation.attempt > settings.revocation.retries
            ? revocationEnded(revocation, with: .unanswered, at: now) : transmit(revocation, at: now)
    }

    /// RFC 5846 §6.2.2
    mutating func receivedRevocationAcknowledgement(
        _ reply: BindingRevocationAcknowledgement,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        switch attribute(message, in: datagram) {
        case .nobodys(let reason): return drop(datagram, reason, at: now)
        case .of(let gateway, let carrier):
            guard let revocation = revocations[reply.sequence], revocation.routes.contains(carrier.route),
                isSame(gateway, as: revocation.gateway)
            else { return drop(datagram, .noMatchingRequest, at: now) }
            let meaningful: BindingRevocationFlags = [.proxyBinding, .ipv4HomeAddressOnly, .global]
            guard reply.flags.intersection(meaningful) == revocation.flags else {
                return drop(datagram, .answerDoesNotMatch, at: now)
            }
            return revocationEnded(revocation, with: outcome(of: reply, to: revocation), at: now)
        }
    }

    /// Those that share a key are one here: an acknowledgement names nobody.
    func isSame(_ gateway: GatewayPeer, as identifier: NodeIdentifier) -> Bool {
        gateway.authentication == .none
            ? gateway.identifier == identifier
            : gateway.authentication == admission.gateway(identifier)?.authentication
    }

    private func outcome(
        of reply: BindingRevocationAcknowledgement,
        to revocation: Revocation
    ) -> RevocationOutcome {
        if reply.status.isAccepted || reply.status == .bindingDoesNotExist {
            // RFC 5846 §8.1: an update accepted meanwhile has shown that the node is where it was.
            let isTaken = revocation.sessions.contains { session in
                cache[session]?.bindings.contains { $0.revocation == revocation.sequence } == true
            }
            // Without paths the session was another gateway's before it was asked.
            let isWithdrawn = !revocation.paths.isEmpty && !isTaken
            return revocation.trigger.isHandover && isWithdrawn ? .stillAttached : .revoked
        }
        let isAttached = reply.status == .mobileNodeIsAttached && revocation.trigger.isHandover
        return isAttached ? .stillAttached : .refused(reply.status)
    }

    /// RFC 5846 §6.2: the gateway does not know message type 16, says its Binding Error.
    mutating func rejectedRevocation(on route: SignallingRoute, by gateway: GatewayPeer, at now: Moment) -> [Action]? {
        let rejected = revocations.values.filter {
            $0.routes.last == route && isSame(gateway, as: $0.gateway)
        }.sorted { $0.number < $1.number }
        guard !rejected.isEmpty else { return nil }
        for revocation in rejected { gatewaysWithoutRevocation.insert(revocation.gateway) }
        return rejected.flatMap { revocationEnded($0, with: .unsupported, at: now) }
    }
}

extension Binding {
    /// Messages to the gateway are likely to get through here.
    var isWorking: Bool { isActive && !isUnreachable && condition != .silent }
}
