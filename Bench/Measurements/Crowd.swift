// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Wire

/// Mobile nodes without end, spread over gateways: their names, addresses and keys follow from their numbers, and so do
/// the updates that their gateways send.
struct Crowd {
    let gateways: Int
    /// Access networks of each gateway; every node is registered over all of them.
    let paths: Int
    let isAuthenticated: Bool
    /// Behind UDP over IPv4, instead of UDP over IPv6.
    let isIPv4: Bool

    private let templates: [UpdateTemplate.Kind: UpdateTemplate]

    init(gateways: Int, paths: Int, isAuthenticated: Bool = true, isIPv4: Bool = false) {
        self.gateways = max(1, gateways)
        self.paths = paths
        self.isAuthenticated = isAuthenticated
        self.isIPv4 = isIPv4
        let authentication: PeerAuthentication = isAuthenticated ? .sharedKey(Self.association(of: 0)) : .none
        templates = Dictionary(
            uniqueKeysWithValues: UpdateTemplate.Kind.allCases.map { kind in
                (kind, UpdateTemplate(kind, like: Self.example(authentication)))
            }
        )
    }

    /// What an update of the node 0 of the gateway 0 says, whatever its kind.
    private static func example(_ authentication: PeerAuthentication) -> HandmadeUpdate {
        var update = HandmadeUpdate()
        update.mobileNode = NodeIdentifier(nai: name(of: 0, at: 0))
        update.gateway = gatewayName(0)
        update.authentication = authentication
        update.further = [DelegatedMobileNetworkPrefix.requestIPv6, DelegatedMobileNetworkPrefix.requestIPv4]
        return update
    }

    // MARK: Who they are

    func gateway(of node: Int) -> Int { node % gateways }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, UpdateTemplate.digits - text.count)) + text
    }

    private static func realm(_ gateway: Int) -> String { "mag\(digits(gateway)).example.net" }
    private static func name(of node: Int, at gateway: Int) -> String { "cpe\(digits(node))@\(realm(gateway))" }
    private static func gatewayName(_ number: Int) -> NodeIdentifier {
        NodeIdentifier(nai: "mag\(digits(number))@example.net")
    }

    static func association(of gateway: Int) -> SecurityAssociation {
        let key = (0..<16).map { UInt8(truncatingIfNeeded: gateway >> ($0 % 4 * 8)) ^ $0 }
        return SecurityAssociation(spi: 256 + UInt32(gateway), key: key, algorithm: .hmacSHA256_128)
    }

    func node(_ number: Int) -> NodeIdentifier {
        NodeIdentifier(nai: Self.name(of: number, at: gateway(of: number)))
    }

    /// As the anchor is told of them; each may act for all nodes of its realm.
    var peers: [GatewayPeer] {
        (0..<gateways).map { gateway in
            GatewayPeer(
                identifier: Self.gatewayName(gateway),
                mobileNodes: [NodeIdentifier(nai: "@" + Self.realm(gateway))],
                authentication: isAuthenticated ? .sharedKey(Self.association(of: gateway)) : .none
            )
        }
    }

    func careOf(gateway: Int, path: Int) -> IPAddress {
        isIPv4
            ? .v4(IPv4Address(0xC000_0200 + UInt32(gateway * paths + path)))
            : .v6(IPv6Address(high: 0x2001_0DB8_000A_0000 + UInt64(path), low: UInt64(gateway) + 1))
    }

    var anchor: IPAddress { isIPv4 ? ExampleDomain.anchorIPv4 : ExampleDomain.anchorIPv6 }

    // MARK: What they send

    /// An update over one path of the node, numbered from 1.
    func update(
        of node: Int,
        path: Int,
        _ kind: UpdateTemplate.Kind,
        sequence: UInt16 = 1,
        at timestamp: Timestamp
    ) -> Datagram {
        let gateway = gateway(of: node)
        let source = careOf(gateway: gateway, path: path)
        let subject = UpdateTemplate.Subject(node: node, gateway: gateway, path: path, careOf: source)
        return Datagram(
            source: source,
            destination: anchor,
            ports: .control,
            octets: templates[kind]?.octets(of: subject, sequence: sequence, at: timestamp) ?? []
        )
    }

    /// A gateway's answer to the anchor's heartbeat.
    func response(to request: Datagram) -> Datagram? {
        guard case .v6(let address) = request.destination, let header = try? MobilityHeader(decoding: request.octets),
            case .heartbeat(let heartbeat) = header.message
        else { return nil }
        let options = MobilityOptions([RestartCounter(1)])
        let response = Heartbeat(isResponse: true, sequence: heartbeat.sequence, options: options)
        return Authentication.seal(
            .heartbeat(response),
            on: SignallingRoute(answering: request),
            careOf: request.destination,
            by: isAuthenticated ? .sharedKey(Self.association(of: Int(address.low) - 1)) : .none
        )
    }
}
