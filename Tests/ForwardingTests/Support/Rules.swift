// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Flow rules as operators mean them, by inner UDP port of the mobile node.
enum Rules {
    static func rule(
        _ identifier: UInt16,
        _ treatment: FlowTreatment,
        _ paths: FlowPaths = .any,
        selector: TrafficSelector = .ipv6(IPv6TrafficSelector()),
        isStrict: Bool = false,
        guaranteed: UInt64? = nil,
        maximum: UInt64? = nil,
        name: String? = nil
    ) -> FlowRule {
        FlowRule(
            identifier: identifier,
            priority: identifier,
            selector: selector,
            treatment: treatment,
            paths: paths,
            isStrict: isStrict,
            guaranteedRate: guaranteed,
            maximumRate: maximum,
            name: name ?? "rule \(identifier)"
        )
    }

    /// What the mobile node sends and gets by this port of its own.
    static func port(_ port: UInt16) -> TrafficSelector {
        var selector = IPv6TrafficSelector()
        selector.destinationPorts = SelectorRange(port)
        return .ipv6(selector)
    }

    static let node = "2001:db8:1234::1"
    static let correspondent = "2001:db8:ffff::80"

    static func up(port: UInt16 = 4000, length: Int = 200) -> [UInt8] {
        packet(node, correspondent, port, 4001, length)
    }

    static func down(port: UInt16 = 4000, length: Int = 200) -> [UInt8] {
        packet(correspondent, node, 4001, port, length)
    }

    private static func packet(_ from: String, _ to: String, _ source: UInt16, _ destination: UInt16, _ length: Int)
        -> [UInt8]
    {
        let ends = (address(from), address(to))
        let payload = [UInt8](repeating: 7, count: max(0, length - 48))
        let datagram = UDPHeader.datagram(from: (ends.0, source), to: (ends.1, destination), payload: payload)
        return Packets.wrap(ends.0, ends.1, IPProtocol.udp, datagram)
    }
}

extension Pair {
    /// Both ends get the rules; path n has the label 10 + n, or what is given.
    func install(
        rules: [FlowRule],
        _ distribution: Distribution = .automatic(reorderTimeout: .milliseconds(100)),
        labels: [UInt8]? = nil,
        metrics: [LinkMetrics] = [],
        mtu: Int = 1500
    ) {
        for (peer, isUp) in [(anchor, false), (gateway, true)] {
            var session = Self.session(distribution, isUp: isUp)
            session.rules = rules
            peer.apply(.installSession(1, session), at: now)
            for (index, number) in links.keys.sorted(by: { $0.rawValue < $1.rawValue }).enumerated() {
                let key = peer.path(number.rawValue)?.parameters.probeKey
                var path = Self.path(number, isUp: isUp, rate: nil, probeKey: key, mtu: mtu)
                path.label = labels?[index] ?? UInt8(10 + number.rawValue)
                if metrics.indices.contains(index) { path.metrics = metrics[index] }
                peer.apply(.installPath(number, path), at: now)
            }
        }
        launch()
    }

    /// User packets in the log since the instant, by path.
    func userPackets(since: Instant = .zero, isUp: Bool = true) -> [(at: Instant, path: PathNumber, octets: [UInt8])] {
        log.filter { $0.at >= since && $0.isUp == isUp && !Self.isProbe($0.octets) }.map { ($0.at, $0.path, $0.octets) }
    }

    /// Paths of the user packets since the instant, in their order, without repetition.
    func route(since: Instant = .zero, isUp: Bool = true) -> [PathNumber] {
        userPackets(since: since, isUp: isUp).reduce(into: []) { if $0.last != $1.path { $0.append($1.path) } }
    }

    static func sequence(_ octets: [UInt8]) -> UInt32? {
        let gre = octets.first == 0 ? Array(octets.dropFirst(4)) : octets
        return GREHeader(gre.span.bytes)?.sequence
    }
}
