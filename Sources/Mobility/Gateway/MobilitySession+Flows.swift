// SPDX-License-Identifier: Apache-2.0
import Wire

/// Flow bindings at the gateway (RFC 6089 §5.2): the site's rules in every update of the session, and what the anchor
/// answers.
extension MobilitySession {
    /// Updates that no network on the way has to cut: what every link carries (RFC 8200 §5), less than that of IPv6.
    private static let largestUpdate = 1200
    /// For what stands behind: care-of address and authenticator, with padding.
    private static let trailer = 64

    // MARK: What the anchor shall have

    /// Brings what is wanted up to rules and paths.
    private mutating func renewWantedFlows() {
        guard flows.isStale else { return }
        let known = Dictionary(flows.wanted.map { ($0.identifier, $0) }) { first, _ in first }
        var wanted: [FlowBinding] = []
        var local: [UInt16: FlowBindingSnapshot.LocalReason] = [:]
        for rule in shared.rules {
            let reference = reference(of: rule)
            if let reason = reasonForSilence(about: rule, reference) {
                // RFC 6089 §5.2.3: what is only inactive is kept as it was.
                if reason == .noPath, let old = known[rule.identifier],
                    old == FlowBinding(rule, bindings: old.bindings, hasScheme: flows.support == .schemes)
                {
                    wanted.append(old)
                    continue
                }
                local[rule.identifier] = reason
            } else if wanted.count == FlowBindingList.limit {
                local[rule.identifier] = .tooMany
            } else {
                wanted.append(FlowBinding(rule, bindings: reference, hasScheme: flows.support == .schemes))
            }
        }
        flows.want(wanted, local: local)
    }

    private func reasonForSilence(about rule: FlowRule, _ reference: [UInt8]) -> FlowBindingSnapshot.LocalReason? {
        if rule.treatment == .bypass { return .gatewaysOwn }
        if settings.flowBindings == .none { return .switchedOff }
        if case .single = mode { return .withoutBindingIdentifiers }
        switch flows.support {
        case .none: return .notSupported
        case .unknown: return nil
        case .schemes: return reference.isEmpty ? .noPath : nil
        case .bindings:
            // RFC 6089 §5.3.1: to one binding, or a copy to each of several; nothing else can be said.
            switch rule.treatment {
            case .pin: if rule.paths == .any { return .notExpressible }
            case .duplicate: break
            case .bond, .overflow, .bypass, .drop: return .notExpressible
            }
            return reference.isEmpty ? .noPath : nil
        }
    }

    /// RFC 6089 §5.2.2.1: bindings that are registered. Of a flow that stays whole, the one that it is on; where a scheme
    /// tells the paths, all that there are, should none of the rule's be there.
    private func reference(of rule: FlowRule) -> [UInt8] {
        let granted = links.filter { $0.granted?.path.binding != nil }
        // A path that hears nothing is no place for a flow, if there is another.
        let ordered = granted.filter { !$0.isSilent } + granted.filter(\.isSilent)
        let hasScheme = flows.support == .schemes
        let own: [WANLink] =
            switch rule.paths {
            case .any: hasScheme || rule.treatment == .duplicate ? granted : []
            case .labels(let labels):
                labels.flatMap { label in (hasScheme ? granted : ordered).filter { $0.settings.label == label } }
            case .bindings(let bindings):
                bindings.flatMap { binding in granted.filter { $0.settings.binding.rawValue == binding } }
            }
        var isByLabel = hasScheme
        if case .bindings = rule.paths { isByLabel = false }
        let all = (own.isEmpty && isByLabel ? granted : own).map(\.settings.binding.rawValue)
        guard !hasScheme, rule.treatment == .pin else { return all }
        let living = own.first { !$0.isSilent } ?? own.first
        return living.map { [$0.settings.binding.rawValue] } ?? []
    }

    // MARK: Telling it

    /// What the update says of flows; `options` is what it says besides.
    mutating func tellFlows(in request: inout PendingUpdate, _ options: inout MobilityOptions) {
        guard request.binding != nil, phase == .running, flows.isTold else { return }
        renewWantedFlows()
        guard !request.isDeregistration else {
            // RFC 6089 §5.2.5: the others' flows stay.
            for summary in FlowNegotiation.summary(of: flows.negotiation.identifiers) { options.append(summary) }
            return
        }
        var writer = ByteWriter()
        writer.zeros(12)
        options.encode(into: &writer)
        let room = Self.largestUpdate - Self.trailer - writer.count
        let (message, own) = flows.negotiation.compose(flows.wanted, room: room)
        request.flows = SiteFlows.Told(message: message, revision: flows.revision)
        for option in own { options.append(option) }
    }

    /// Over one path at once, and once more as long as there is more to say than one update holds. What an update under way
    /// says is not said again before it is answered.
    mutating func tellOfFlows(at now: Moment) -> [Action] {
        guard phase == .running else { return [] }
        renewWantedFlows()
        guard mode == .multipath, flows.isTold, flows.isOpen else { return [] }
        guard !flows.negotiation.isSettled(flows.wanted) else {
            flows.isOpen = false
            return []
        }
        let isUnderWay = links.contains { link in
            link.isUsable && !link.isSilent && link.registration.attempt.map { $0 <= Self.patience } == true
                && link.requests.last?.flows?.revision == flows.revision
        }
        let able = links.firstIndex { link in
            link.granted != nil && link.isUsable && !link.isSilent && link.registration.attempt == nil
        }
        guard !isUnderWay, let able else { return [] }
        return refresh(able, inBulk: false, at: now)
    }

    // MARK: What it answers

    /// Of an acceptance.
    mutating func flowsAnswered(_ request: PendingUpdate, _ reply: BindingAcknowledgement) -> [Action] {
        guard settings.flowBindings != .none else { return [] }
        if let told = request.flows {
            let answers = reply.options.all(FlowIdentification.self)
            // RFC 6089 §5.2.6
            guard !answers.isEmpty || told.message.told.isEmpty else {
                flows.learnOfNone()
                return [.report(.flowBindingsUnsupported(session.identifier))]
            }
            for answer in answers { shared.counters.count(answer.status) }
            let refusals = flows.negotiation.settle(told.message, by: answers, silence: .refusal)
            flows.isOpen = true
            learnCapabilities(of: reply)
            return refusals.map { .report(.flowBindingRefused(session.identifier, $0.binding.rule, $0.status)) }
        }
        learnCapabilities(of: reply)
        return []
    }

    private mutating func learnCapabilities(of reply: BindingAcknowledgement) {
        let announced = CapabilityAnnouncement(in: reply.options)?.capabilities ?? []
        flows.learn(hasSchemes: settings.flowBindings == .schemes && announced.contains(.flowSchemes))
    }

    /// Paths have come or gone.
    mutating func pathsChangedForFlows(hasNewBinding: Bool = false) {
        flows.isStale = true
        // RFC 6089 §4.2, 131: perhaps it was this one.
        guard hasNewBinding else { return }
        flows.negotiation.retry(.bindingNotFound)
        flows.isOpen = true
    }

    var flowBindings: [FlowBindingSnapshot] {
        shared.rules.map { FlowBindingSnapshot(rule: $0, state: flows.state(of: $0.identifier)) }
            + session.anchorFlows.all.map {
                FlowBindingSnapshot(rule: $0.rule, state: .ofPeer, isActive: $0.isActive(over: registered))
            }
    }

    // MARK: The anchor's rules

    var registered: Set<UInt8> { Set(links.compactMap { $0.granted?.path.binding?.rawValue }) }

    /// The site's before the anchor's: so their priorities are.
    var rules: [FlowRule] { shared.rules + session.anchorFlows.rules(over: registered) }

    /// RFC 7864 §4.2 with the options of RFC 6089 (docs/flow-signalling.md). What is refused is in the answer; nil: the
    /// notification is not about this session.
    mutating func adoptAnchorRules(_ options: MobilityOptions) -> (answers: [FlowIdentification], actions: [Action])? {
        let prefixes = options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
        let address = options.first(IPv4HomeAddressRequest.self)?.address
        let isOurs =
            prefixes.contains(where: session.homeNetworkPrefixes.contains)
            || address != nil && address == session.homeAddress?.address
        guard isOurs, session.installed != nil else { return nil }
        let answers = session.anchorFlows.apply(options, of: .anchor, over: registered)
        for answer in answers { shared.counters.count(answer.status) }
        return (answers.filter { !$0.status.isAccepted }, installSession())
    }
}
