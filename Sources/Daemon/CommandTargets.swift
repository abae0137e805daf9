// SPDX-License-Identifier: Apache-2.0
import API
import Mobility
import Wire

// What a request of the management interface means, in the words of the engine.

extension LocalMobilityAnchor {
    func target(of request: API.RevocationRequest) throws(API.CommandFailure) -> RevocationTarget {
        let isEverything = request.everything == true
        let named = [request.mobileNode, request.gateway, request.realm].compactMap(\.self).count
        guard named + (isEverything ? 1 : 0) == 1 else {
            throw .malformed("expected exactly one of mobileNode, gateway, realm and everything")
        }
        if let name = request.mobileNode { return try target(of: request, try existingNode(name)) }
        guard request.bindingIdentifier == nil, request.ipv4HomeAddress != true else {
            throw .malformed("bindingIdentifier and ipv4HomeAddress go with mobileNode only")
        }
        if let name = request.gateway { return .gateway(try servedGateway(name)) }
        if let realm = request.realm {
            guard !realm.isEmpty, !realm.contains("@") else {
                throw .malformed("the realm \"\(realm)\": expected what stands behind the @")
            }
            return .realm(realm)
        }
        return .everything
    }

    private func target(
        of request: API.RevocationRequest,
        _ node: NodeIdentifier
    ) throws(API.CommandFailure) -> RevocationTarget {
        guard let number = request.bindingIdentifier else {
            guard request.ipv4HomeAddress == true else { return .mobileNode(node) }
            guard hasHomeAddress(node) else { throw .notFound("\(node) has no IPv4 home address") }
            return .homeAddress(of: node)
        }
        guard request.ipv4HomeAddress != true else {
            throw .malformed("bindingIdentifier and ipv4HomeAddress: a home address belongs to all bindings")
        }
        guard let octet = UInt8(exactly: number), let binding = BindingIdentifier(rawValue: octet) else {
            throw .malformed("bindingIdentifier \(number): expected 1 to 254")
        }
        guard hasBinding(binding, of: node) else { throw .notFound("\(node) has no binding \(number)") }
        return .binding(binding, of: node)
    }

    func target(of request: API.NotificationRequest) throws(API.CommandFailure) -> NotificationTarget {
        switch (request.mobileNode, request.gateway) {
        case (let name?, nil): return .mobileNode(try existingNode(name))
        case (nil, let name?): return .gateway(try servedGateway(name))
        case (nil, nil), (.some, .some): throw .malformed("expected exactly one of mobileNode and gateway")
        }
    }

    private func existingNode(_ name: String) throws(API.CommandFailure) -> NodeIdentifier {
        guard let node = mobileNode(named: name) else { throw .notFound("no mobile node \(name) has a session") }
        return node
    }

    private func servedGateway(_ name: String) throws(API.CommandFailure) -> NodeIdentifier {
        guard let gateway = gateway(named: name) else { throw .notFound("no gateway \(name) is served here") }
        return gateway
    }
}

extension NotificationReason {
    init(_ reason: API.NotificationRequest.Reason) {
        switch reason {
        case .reregister: self = .forceReregistration
        case .nameAccessNetworks: self = .accessNetworkIdentifierRequested
        }
    }
}

/// What was asked of a gateway, as the management interface tells it.
protocol GatewayRecord: SignalRecord {
    var answer: API.GatewayAnswer { get }
}

extension RevocationRecord: GatewayRecord {
    var answer: API.GatewayAnswer {
        let isDone =
            switch outcome {
            // Gone at the anchor, whatever the gateway makes of it.
            case .revoked, .refused, .unanswered, .unsupported: true
            case .stillAttached, nil: false
            }
        return API.GatewayAnswer(
            gateway: gateway.description,
            subject: subject.description,
            outcome: outcome?.description ?? "not answered yet",
            isDone: isDone
        )
    }
}

extension NotificationRecord: GatewayRecord {
    var answer: API.GatewayAnswer {
        let isDone =
            switch outcome {
            case .sent: true
            case .answered(let status): status.isAccepted
            case .unanswered, .unsupported, .tooOften, nil: false
            }
        return API.GatewayAnswer(
            gateway: gateway.description,
            subject: target.description,
            outcome: outcome?.description ?? "not answered yet",
            isDone: isDone
        )
    }
}
