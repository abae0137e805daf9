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
    /// A realm is there as it is written: with the "@" before it.
    private let nodes: [NodeIdentifier: [Int]]
    /// Makes of gateways whose messages may need translation.
    let foreignMakes: Set<PeerCompatibility>
    private let profiles: [NodeIdentifier: MobileNodeProfile]

    init(gateways: [GatewayPeer], profiles: [MobileNodeProfile]) {
        self.gateways = gateways
        foreignMakes = Set(gateways.map(\.compatibility)).subtracting([.strict])
        self.profiles = Dictionary(profiles.map { ($0.identifier, $0) }) { first, _ in first }
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

    /// More keys than these are not tried on one message: what a stranger sends must not cost the more the more gateways
    /// share its index (F12).
    private static let mostKeys = 16

    /// Whose message it is (wire-level proof first, then what the message says of itself). `expected`: who was where it
    /// comes from.
    func sender(
        of message: MobilityMessage,
        octets: [UInt8],
        careOf: IPAddress,
        expected: NodeIdentifier? = nil
    ) -> Sender {
        guard let option = message.options.authentication else { return unauthenticatedSender(of: message.options) }
        let candidates = associations[option.spi] ?? []
        guard let first = candidates.first else { return .dropped(.unknownPeer) }
        // Gateways may share a key, or an index: then the message is whose it says.
        let named = likely(in: message.options).filter { gateways[$0].authentication.association?.spi == option.spi }
        let known = expected.flatMap { names[$0] }.map { [$0] } ?? []
        let tried =
            named.isEmpty ? known + candidates.prefix(Self.mostKeys) : Array(named.prefix(Self.mostKeys)) + known
        for gateway in tried.lazy.map({ gateways[$0] }) {
            guard let association = gateway.authentication.association else { continue }
            let verdict = Authentication.verdict(
                on: octets,
                decoded: message,
                careOf: careOf,
                association: association
            )
            if verdict == .authentic { return .authentic(gateway) }
        }
        return .forged(gateways[named.first ?? first])
    }

    /// Those that the message may be of by what it says: the gateway that it names, or all that may register its node.
    private func likely(in options: MobilityOptions) -> [Int] {
        if let identifier = options.first(MAGIdentifier.self)?.identifier {
            return names[identifier].map { [$0] } ?? []
        }
        return options.first(MobileNodeIdentifier.self).map { owners(of: $0.identifier) } ?? []
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
        return owners(of: node).first.map { gateways[$0] }
    }

    /// Whether the gateway may have a session of the node's.
    func permits(_ node: NodeIdentifier, to gateway: GatewayPeer) -> Bool {
        isAmong(owners(of: node), gateway) && profile(of: node).isProxyRegistrationAllowed
    }

    private func isAmong(_ owners: [Int], _ gateway: GatewayPeer) -> Bool {
        owners.contains { gateways[$0].identifier == gateway.identifier }
    }

    func gateway(_ identifier: NodeIdentifier) -> GatewayPeer? { names[identifier].map { gateways[$0] } }

    func profile(of node: NodeIdentifier) -> MobileNodeProfile { profiles[node] ?? MobileNodeProfile(node) }

    /// Where in `gateways` those stand that may register the node: by its own name, then by its realm's.
    private func owners(of node: NodeIdentifier) -> [Int] {
        let named = nodes[node] ?? []
        guard node.subtype == NodeIdentifier.nai, let at = node.octets.lastIndex(of: UInt8(ascii: "@")) else {
            return named
        }
        // A realm is no node.
        guard at > 0 else { return [] }
        // RFC 5846 §8.1 has it exact: a realm's sub-realms are others.
        let realm = NodeIdentifier(subtype: node.subtype, octets: Array(node.octets[at...]))
        return named + (nodes[realm] ?? []).filter { !named.contains($0) }
    }

    /// RFC 5213 §5.3.1 (3)–(6).
    func refusal(of request: ProxyBindingUpdate, from gateway: GatewayPeer) -> Refusal? {
        guard let node = request.mobileNode else { return Refusal(.missingMobileNodeIdentifierOption) }
        if let claimed = request.gateway, claimed != gateway.identifier {
            return Refusal(.magNotAuthorizedForProxyRegistration)
        }
        let owners = owners(of: node)
        guard !owners.isEmpty else { return Refusal(.notLMAForThisMobileNode) }
        guard isAmong(owners, gateway) else { return Refusal(.magNotAuthorizedForProxyRegistration) }
        // Who has lost the right may still take back what it got by it.
        let isEntitled = profile(of: node).isProxyRegistrationAllowed || request.isDeregistration
        return isEntitled ? nil : Refusal(.proxyRegistrationNotEnabled)
    }
}
