// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which gateways an anchor serves, and for which mobile nodes.
struct Admission: Sendable {
    enum Sender: Sendable {
        case authentic(GatewayPeer)
        /// The key named by the SPI did not make this authenticator.
        case forged(GatewayPeer)
        case dropped(DropReason)
    }

    let gateways: [GatewayPeer]

    /// Whose message it is (wire-level proof first, then what the message says of itself).
    func sender(of message: MobilityMessage, octets: [UInt8], careOf: IPAddress) -> Sender {
        guard let option = message.options.authentication else { return unauthenticatedSender(of: message.options) }
        let candidates = gateways.filter { $0.authentication.association?.spi == option.spi }
        guard let first = candidates.first else { return .dropped(.unknownPeer) }
        for gateway in candidates {
            guard let association = gateway.authentication.association else { continue }
            let verdict = Authentication.verdict(
                on: octets,
                decoded: message,
                careOf: careOf,
                association: association
            )
            if verdict == .authentic { return .authentic(gateway) }
        }
        let named = named(in: message.options)
        return .forged(candidates.first { $0.identifier == named?.identifier } ?? first)
    }

    private func unauthenticatedSender(of options: MobilityOptions) -> Sender {
        guard let gateway = named(in: options) else { return .dropped(.unknownPeer) }
        // RFC 4285 §5.1: missing although configured is silently discarded.
        guard case .none = gateway.authentication else { return .dropped(.authenticationMissing) }
        return .authentic(gateway)
    }

    /// The gateway that the message names itself, or whose node it names.
    private func named(in options: MobilityOptions) -> GatewayPeer? {
        if let identifier = options.first(MAGIdentifier.self)?.identifier {
            return gateways.first { $0.identifier == identifier }
        }
        guard let node = options.first(MobileNodeIdentifier.self)?.identifier else { return nil }
        return gateways.first { $0.mobileNodes.contains(node) }
    }

    func gateway(_ identifier: NodeIdentifier) -> GatewayPeer? { gateways.first { $0.identifier == identifier } }

    /// RFC 5213 §5.3.1 (3)–(6).
    func refusal(of request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Refusal? {
        guard let node = request.mobileNode else { return Refusal(.missingMobileNodeIdentifierOption) }
        if let claimed = request.gateway, claimed != gateway.identifier {
            return Refusal(.magNotAuthorizedForProxyRegistration)
        }
        if gateway.mobileNodes.contains(node) { return nil }
        let isOthers = gateways.contains { $0.mobileNodes.contains(node) }
        return Refusal(isOthers ? .magNotAuthorizedForProxyRegistration : .notLMAForThisMobileNode)
    }
}
