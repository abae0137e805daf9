// SPDX-License-Identifier: Apache-2.0
import Wire

/// Flow bindings at the anchor: the site's, which its gateway tells in updates (RFC 6089 §5.3).
extension LocalMobilityAnchor {
    /// What the update says of flows, once it says all that it says of bindings. The answers go into its acknowledgement.
    /// `leaving`: bindings that the update ends.
    mutating func bindFlows(
        _ request: ProxyBindingUpdate,
        in session: inout AnchorSession,
        without leaving: [Binding] = [],
        from gateway: GatewayPeer
    ) -> [FlowIdentification] {
        guard settings.flowBindings != .none else { return [] }
        let ended = leaving.compactMap { $0.path.binding?.rawValue }
        var flows = session.flows
        var answers: [FlowIdentification] = []
        if gateway.areFlowBindingsAllowed {
            answers = flows.apply(
                request.options,
                of: .gateway,
                over: session.registered.subtracting(ended),
                readsSchemes: settings.flowBindings == .schemes
            )
        } else {
            flows.removeAll()
            answers = request.options.all(FlowIdentification.self).map { option in
                var answer = option
                answer.status = .administrativelyProhibited
                return answer
            }
        }
        for answer in answers { counters.count(answer.status) }
        let order = FlowOrder(timestamp: orderingTimestamp(of: request), sequence: request.update.sequence)
        // RFC 6089 §5.2: what is left out is deleted. By an update that another path's has overtaken it was not left out.
        if let newest = session.flowOrder, !request.isOverwrite, order.isBehind(newest) { return answers }
        session.flows = flows
        session.flowOrder = order
        return answers
    }

    /// Of another gateway.
    func forgetFlows(of session: inout AnchorSession) {
        session.flows.removeAll()
        session.flowOrder = nil
        session.telling.forget()
        session.hasUnknownRules = false
        session.isTelling = false
    }

    /// The site's before ours: so their priorities are (docs/flow-signalling.md).
    func rules(in session: AnchorSession) -> [FlowRule] {
        let own = rules(of: session.identifier.mobileNode)
        return session.flows.isEmpty ? own : session.flows.rules(over: session.registered) + own
    }

    func rules(of node: NodeIdentifier) -> [FlowRule] {
        guard !rules.isEmpty else { return [] }
        return rules.filter { $0.mobileNode == nil || $0.mobileNode == node }.map(\.rule)
            .sorted { ($0.priority, $0.identifier) < ($1.priority, $1.identifier) }
    }

    func flowBindings(of session: AnchorSession) -> [FlowBindingSnapshot] {
        let registered = session.registered
        let sites = session.flows.all.map {
            FlowBindingSnapshot(rule: $0.rule, state: .ofPeer, isActive: $0.isActive(over: registered))
        }
        return sites
            + rules(of: session.identifier.mobileNode).enumerated().map { place, rule in
                FlowBindingSnapshot(rule: rule, state: state(of: rule, at: place, in: session))
            }
    }

    private func state(of rule: FlowRule, at place: Int, in session: AnchorSession) -> FlowBindingSnapshot.State {
        guard settings.flowBindings == .schemes else { return .local(.switchedOff) }
        guard !gatewaysWithoutNotification.contains(session.gateway) else { return .local(.notSupported) }
        guard session.hasSchemes else { return .local(.notExpressible) }
        guard place < FlowBindingList.limit else { return .local(.tooMany) }
        return session.telling.state(of: rule.identifier)
    }
}
