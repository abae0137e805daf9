// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Wire

/// An anchor with bindings of two paths a node, and gateways that ask it. Every node has a gateway of its own, every
/// gateway a key of its own.
final class AnchorScene {
    static let pathsPerNode = 2
    /// Updates a sample.
    static let batch = 500

    private var anchor: LocalMobilityAnchor
    private let peers: [GatewayPeer]
    private let present: Int
    private var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000),
        timestamp: Timestamp(seconds: 1_700_000_000)
    )
    private var next = 0

    init(bindings: Int, isAuthenticated: Bool) {
        present = bindings / Self.pathsPerNode
        peers = (0..<present + Self.batch).map { Self.peer($0, isAuthenticated: isAuthenticated) }
        var settings = ExampleDomain.anchor
        settings.gateways = peers
        settings.delegatedIPv4 = PrefixPool(range: ExampleDomain.prefix("10.0.0.0/8"), length: 24)
        // Updates are made before they are handled.
        settings.timestampValidityWindow = .seconds(86_400)
        anchor = LocalMobilityAnchor(settings, seed: 5)
        for node in 0..<present {
            for path in 1...UInt8(Self.pathsPerNode) { handle([update(of: node, path: path)]) }
        }
        expect(present * Self.pathsPerNode)
    }

    private static func peer(_ number: Int, isAuthenticated: Bool) -> GatewayPeer {
        let key = (0..<16).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) ^ $0 }
        let association = SecurityAssociation(spi: 256 + UInt32(number), key: key, algorithm: .hmacSHA256_128)
        return GatewayPeer(
            identifier: NodeIdentifier(nai: "mag\(number)@example.net"),
            mobileNodes: [NodeIdentifier(nai: "cpe\(number)@example.net")],
            authentication: isAuthenticated ? .sharedKey(association) : .none
        )
    }

    // MARK: What gateways send

    private func update(
        of node: Int,
        path: UInt8,
        handoff: HandoffIndicator = .attachmentOverNewInterface,
        isBulk: Bool = false
    ) -> Datagram {
        now = now + .milliseconds(1)
        var update = HandmadeUpdate()
        update.source = .v6(IPv6Address(high: 0x2001_0DB8_000A_0000 + UInt64(path), low: UInt64(node) + 1))
        update.mobileNode = peers[node].mobileNodes.first
        update.gateway = peers[node].identifier
        update.authentication = peers[node].authentication
        update.handoff = handoff
        update.greKey = GREKey(UInt32(node) + 1)
        update.multipath = MAGMultipathBinding(
            accessTechnology: .eutran,
            interfaceLabel: path,
            bindingIdentifier: path,
            isBulkReregistration: isBulk
        )
        update.further = [DelegatedMobileNetworkPrefix.requestIPv6, DelegatedMobileNetworkPrefix.requestIPv4]
        return update.datagram(at: now.timestamp)
    }

    func refresh(isBulk: Bool = false) -> Datagram {
        next += 1
        let path = UInt8(isBulk ? 1 : 1 + next / present % Self.pathsPerNode)
        return update(of: next % present, path: path, handoff: .notChanged, isBulk: isBulk)
    }

    // MARK: What is measured

    /// Nodes without a session register their first path; afterwards they are gone again.
    func firstRegistrations() -> Sample {
        let newcomers = present..<present + Self.batch
        let sample = measure(newcomers.map { update(of: $0, path: 1) })
        expect(present * Self.pathsPerNode + Self.batch)
        for node in newcomers.flatMap({ peers[$0].mobileNodes }) {
            _ = anchor.handle(.request(.removeSession(SessionIdentifier(mobileNode: node))), at: now)
        }
        return sample
    }

    func refreshes(isBulk: Bool) -> Sample {
        let sample = measure((0..<Self.batch).map { _ in refresh(isBulk: isBulk) })
        expect(present * Self.pathsPerNode)
        return sample
    }

    private func measure(_ datagrams: [Datagram]) -> Sample {
        Sample.taking(datagrams.count) { handle(datagrams) }
    }

    private func handle(_ datagrams: [Datagram]) {
        var answers = 0
        for datagram in datagrams {
            for case .send(let answer) in anchor.handle(.received(datagram), at: now) where Self.isAccepted(answer) {
                answers += 1
            }
        }
        precondition(answers == datagrams.count, "the anchor accepted \(answers) of \(datagrams.count) updates")
    }

    /// Behind the header's six octets: Status (RFC 6275 §6.1.8).
    private static func isAccepted(_ answer: Datagram) -> Bool {
        answer.octets.count > 6 && answer.octets[2] == BindingAcknowledgement.type
            && answer.octets[6] == BindingStatus.accepted.rawValue
    }

    private func expect(_ bindings: Int) {
        let found = anchor.snapshot.sessions.reduce(0) { $0 + $1.legs.count }
        precondition(found == bindings, "the anchor has \(found) bindings instead of \(bindings)")
    }
}
