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
    /// Where in `gateways` those stand that have the SPI, the name, or the mobile node: a crowd of them must not make
    /// an update dearer.
    private let associations: [UInt32: [Int]]
    private let names: [NodeIdentifier: Int]
    private let nodes: [NodeIdentifier: [Int]]
    /// Makes of gateways whose messages may need translation.
    let foreignMakes: Set<PeerCompatibility>

    init(gateways: [GatewayPeer]) {
        self.gateways = gateways
        foreignMakes = Set(gateways.map(\.compatibility)).subtracting([.strict])
        let all = Array(gateways.enumerated())
        associations = Dictionary(grouping: all) { $0.element.authentication.association?.spi }
            .reduce(into: [:]) { index, group in
                if let spi = group.key { index[spi] = group.value.map(\.offset) }
            }
        names = Dictionary(all.map { ($0.element.identifier, $0.offset) }) { first, _ in first }
        nodes = all.reduce(into: [:]) { index, gateway in
            for node in gateway.element.mobileNodes { index[node, default: []].append(gateway.offset) }
        }
    }

    /// Whose message it is (wire-level proof first, then what the message says of itself).
    func sender(of message: MobilityMessage, octets: [UInt8], careOf: IPAddress) -> Sender {
        guard let option = message.options.authentication else { return unauthenticatedSender(of: message.options) }
        let candidates = associations[option.spi] ?? []
        guard let first = candidates.first else { return .dropped(.unknownPeer) }
        // Gateways may share a key: then the message is whose it says.
        let named = candidates.first { gateways[$0].identifier == self.named(in: message.options)?.identifier }
        for gateway in ([named].compactMap(\.self) + candidates).lazy.map({ gateways[$0] }) {
            guard let association = gateway.authentication.association else { continue }
            let verdict = Authentication.verdict(
                on: octets,
                decoded: message,
                careOf: careOf,
                association: association
            )
            if verdict == .authentic { return .authentic(gateway) }
        }
        return .forged(gateways[named ?? first])
    }

    private func unauthenticatedSender(of options: MobilityOptions) -> Sender {
        guard let gateway = named(in: options) else { return .dropped(.unknownPeer) }
        // RFC 4285 §5.1: missing although configured is silently discarded.
        guard case .none = gateway.authentication else { return .dropped(.authenticationMissing) }
        return .authentic(gateway)
    }

    /// The gateway that the message names itself, or whose node it names.
    func named(in options: MobilityOptions) -> GatewayPeer? {
        if let identifier = options.first(MAGIdentifier.self)?.identifier {
            return gateway(identifier)
        }
        guard let node = options.first(MobileNodeIdentifier.self)?.identifier else { return nil }
        return nodes[node]?.first.map { gateways[$0] }
    }

    func gateway(_ identifier: NodeIdentifier) -> GatewayPeer? { names[identifier].map { gateways[$0] } }

    /// RFC 5213 §5.3.1 (3)–(6).
    func refusal(of request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Refusal? {
        guard let node = request.mobileNode else { return Refusal(.missingMobileNodeIdentifierOption) }
        if let claimed = request.gateway, claimed != gateway.identifier {
            return Refusal(.magNotAuthorizedForProxyRegistration)
        }
        guard let owners = nodes[node] else { return Refusal(.notLMAForThisMobileNode) }
        let isOwn = owners.contains { gateways[$0].identifier == gateway.identifier }
        return isOwn ? nil : Refusal(.magNotAuthorizedForProxyRegistration)
    }
}
