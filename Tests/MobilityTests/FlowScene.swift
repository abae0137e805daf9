// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Rules and readings for conversations about flow bindings.
enum FlowScene {
    typealias Domain = ExampleDomain

    /// TCP from one port of the correspondent's.
    static func rule(
        _ identifier: UInt16,
        port: UInt16? = nil,
        priority: UInt16? = nil,
        _ treatment: FlowTreatment = .pin,
        _ paths: FlowPaths = .labels([9, 11]),
        name: String? = nil
    ) -> FlowRule {
        var selector = IPv6TrafficSelector()
        selector.nextHeaders = SelectorRange(6)
        selector.sourcePorts = SelectorRange(port ?? identifier)
        return FlowRule(
            identifier: identifier,
            priority: priority ?? identifier,
            selector: .ipv6(selector),
            treatment: treatment,
            paths: paths,
            name: name ?? "rule \(identifier)"
        )
    }

    static func gateway(_ support: FlowBindingSupport) -> GatewaySettings {
        var settings = Domain.gateway
        settings.flowBindings = support
        return settings
    }

    static func anchor(_ support: FlowBindingSupport, isAllowed: Bool = true) -> AnchorSettings {
        var settings = Domain.anchor
        settings.flowBindings = support
        settings.gateways[0].areFlowBindingsAllowed = isAllowed
        return settings
    }

    /// Both paths registered, then the rules told.
    static func talk(
        _ rules: [FlowRule],
        anchor: AnchorSettings = Domain.anchor,
        gateway: GatewaySettings = Domain.gateway
    ) -> Conversation {
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        talk.forgetMessages()
        talk.tell(.policyChanged(rules))
        talk.passes(.seconds(2))
        return talk
    }

    static func told(_ update: BindingUpdate?) -> [FlowIdentification] {
        update?.options.all(FlowIdentification.self) ?? []
    }

    static func kept(_ update: BindingUpdate?) -> [UInt16] {
        update?.options.all(FlowSummary.self).flatMap(\.flowIdentifiers) ?? []
    }
}

extension Conversation {
    /// What each end's data plane goes by.
    var rulesAtGateway: [FlowRule] { atGateway.sessions.values.first?.rules ?? [] }
    var rulesAtAnchor: [FlowRule] { atAnchor.sessions.values.first?.rules ?? [] }

    /// Of the gateway's own rules.
    var states: [FlowBindingSnapshot.State] { gatewaySession.flowBindings.map(\.state).filter { $0 != .ofPeer } }
    var anchorsStates: [FlowBindingSnapshot.State] {
        (anchorSession?.flowBindings ?? []).map(\.state).filter { $0 != .ofPeer }
    }
}
