// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Wire

/// An anchor that holds the bindings of a crowd, and a few newcomers who come and go.
final class AnchorScene {
    /// Updates a sample.
    static let batch = 500

    let bindings: Int
    let crowd: Crowd
    /// What the process has grown by, for each binding held.
    private(set) var octetsPerBinding = 0
    /// What it took to register them all.
    private(set) var secondsToFill = 0.0

    private var anchor: LocalMobilityAnchor
    private let present: Int
    private var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000),
        timestamp: Timestamp(seconds: 1_700_000_000)
    )
    private var next = 0
    /// Heartbeats of the anchor that wait for an answer.
    private var requests: [Datagram] = []

    /// `gateways` as nil: one for each node.
    init(bindings: Int, paths: Int, gateways: Int?, isAuthenticated: Bool) {
        self.bindings = bindings
        present = bindings / paths
        crowd = Crowd(gateways: gateways ?? present + Self.batch, paths: paths, isAuthenticated: isAuthenticated)
        var settings = ExampleDomain.anchor
        settings.gateways = crowd.peers
        settings.homeNetworkPrefixes = PrefixPool(range: ExampleDomain.prefix("2001:db8:4000::/36"), length: 64)
        settings.delegatedIPv6 = PrefixPool(range: ExampleDomain.prefix("3fff::/20"), length: 56)
        settings.delegatedIPv4 = PrefixPool(range: ExampleDomain.prefix("10.0.0.0/8"), length: 30)
        // Updates are made before they are handled.
        settings.timestampValidityWindow = .seconds(86_400)
        // Heartbeats are measured when a measurement asks for them.
        settings.heartbeatInterval = Self.heartbeatInterval
        settings.maximumLifetime = .seconds(86_400)
        anchor = LocalMobilityAnchor(settings, seed: 5)
        fill()
    }

    private static let heartbeatInterval = Duration.seconds(60)

    private func fill() {
        let before = Memory.residentOctets
        var took = 0.0
        for start in stride(from: 0, to: present, by: Self.batch) {
            for path in 1...crowd.paths {
                let nodes = start..<min(present, start + Self.batch)
                let sample = measure(updates(nodes.map { ($0, path) }, .first))
                took += sample.nanosecondsPerOperation * Double(nodes.count)
            }
        }
        octetsPerBinding = (Memory.residentOctets - before) / bindings
        secondsToFill = took / 1e9
        expect(present)
    }

    // MARK: What gateways send

    private func updates(_ subjects: [(node: Int, path: Int)], _ kind: UpdateTemplate.Kind) -> [Datagram] {
        subjects.map { node, path in
            // A timestamp's unit, at least.
            now = now + .microseconds(20)
            return crowd.update(of: node, path: path, kind, at: now.timestamp)
        }
    }

    /// Of nodes that are far from one another, as they come in a real network.
    private func regulars(_ count: Int) -> [(node: Int, path: Int)] {
        (0..<count).map { _ in
            next = (next + 7919) % (present * crowd.paths)
            return (next % present, 1 + next / present)
        }
    }

    private var newcomers: [(node: Int, path: Int)] { (present..<present + Self.batch).map { ($0, 1) } }

    /// One update, to see what the codec alone makes of it.
    var specimen: [UInt8] { updates([(0, 1)], .refresh).flatMap(\.octets) }

    // MARK: What is measured

    /// Nodes without a session register their first path; afterwards they are gone again.
    func firstRegistrations() -> Sample {
        let sample = measure(updates(newcomers, .first))
        expect(present + Self.batch)
        for (node, _) in newcomers {
            _ = anchor.handle(.request(.removeSession(SessionIdentifier(mobileNode: crowd.node(node)))), at: now)
        }
        return sample
    }

    func refreshes() -> Sample { measure(updates(regulars(Self.batch), .refresh)) }

    /// One update for all paths of a node.
    func bulkRefreshes() -> Sample { measure(updates(regulars(Self.batch).map { ($0.node, 1) }, .bulkRefresh)) }

    /// Of one path each; afterwards they are registered again.
    func deregistrations() -> Sample {
        let subjects = regulars(Self.batch)
        let sample = measure(updates(subjects, .deregistration))
        _ = measure(updates(subjects, .first))
        return sample
    }

    /// Requests to all gateways at once: one for each of their access networks, however many bindings it has.
    func heartbeats() -> Sample {
        now = now + Self.heartbeatInterval
        var actions: [Action] = []
        let expected = min(crowd.gateways, present) * crowd.paths
        let sample = Sample.taking(expected) { actions = anchor.handle(.deadline, at: now) }
        requests = actions.compactMap { if case .send(let datagram) = $0 { datagram } else { nil } }
        precondition(requests.count == expected, "\(requests.count) heartbeats instead of \(expected)")
        return sample
    }

    /// What the gateways answer to those.
    func heartbeatResponses() -> Sample {
        let responses = requests.compactMap(crowd.response)
        requests = []
        return Sample.taking(responses.count) {
            for response in responses { _ = anchor.handle(.received(response), at: now) }
        }
    }

    /// All bindings, to be shown to an operator.
    func snapshot() -> Sample {
        var legs = 0
        let sample = Sample.taking(bindings) { legs = anchor.snapshot.sessions.reduce(0) { $0 + $1.legs.count } }
        precondition(legs == bindings, "\(legs) of \(bindings) bindings are shown")
        return sample
    }

    /// Newcomers whose lifetimes end all at once, among everybody else's deadlines.
    func expiries() -> Sample {
        _ = measure(updates(newcomers, .passing))
        now = now + .seconds(4)
        let sample = Sample.taking(Self.batch) { _ = anchor.handle(.deadline, at: now) }
        expect(present)
        return sample
    }

    /// Everybody's lifetime ends in the same moment; nothing is left.
    func end() -> Sample {
        now = now + .seconds(86_400)
        let sample = Sample.taking(bindings) { _ = anchor.handle(.deadline, at: now) }
        expect(0)
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

    private func expect(_ sessions: Int) {
        let found = anchor.sessionCount
        precondition(found == sessions, "the anchor has \(found) sessions instead of \(sessions)")
    }
}
