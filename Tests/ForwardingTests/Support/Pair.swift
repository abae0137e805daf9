// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// A gateway and an anchor joined by paths 1…n with delays, in virtual time. Odd paths are GRE over IPv6, even ones
/// UDP+TLV+GRE over IPv4.
final class Pair {
    struct Link {
        var delay = Duration.milliseconds(10)
        /// From the arrival at the other end's machine until that reads it.
        var wait = Duration.zero
        /// Losses by direction.
        var losesUp = false
        var losesDown = false
        /// Larger outer packets are lost without a word.
        var mtuUp = Int.max
        var mtuDown = Int.max
    }

    private struct Flying {
        var arrival: Instant
        var order: Int
        var isUp: Bool
        var path: PathNumber
        var octets: [UInt8]
        var waits: Duration
    }

    static let prefix6 = "2001:db8:1234::/48"
    static let prefix4 = "10.1.0.0/16"
    static let upKey: UInt32 = 0x0A0B_0C01
    static let downKey: UInt32 = 0x0A0B_0C02
    static let probeKey = SipKey(k0: 1, k1: 2)

    let gateway = Peer(.gateway)
    let anchor = Peer(.anchor)
    private(set) var now = Instant.milliseconds(1000)
    var links: [PathNumber: Link] = [:]
    /// Over which the next user packet up is lost.
    private var unlucky: Set<PathNumber> = []
    /// How many of the numbers that go up a second time are lost.
    var losesRepairs = 0
    private var seen: Set<UInt32> = []
    private var flying: [Flying] = []
    private var order = 0
    /// What flew by: up, path, octets.
    private(set) var log: [(at: Instant, isUp: Bool, path: PathNumber, octets: [UInt8])] = []

    init(
        _ distribution: Distribution = .perFlow,
        delays: [Int64] = [10, 10],
        rates: [Int64?] = [nil, nil],
        hasProbes: Bool = true,
        hasReports: Bool = false,
        hasSizeProbes: Bool = false
    ) {
        install(distribution)
        for (index, delay) in delays.enumerated() {
            let number = PathNumber(rawValue: Int32(index + 1))
            links[number] = Link(delay: .milliseconds(delay))
            let probeKey = hasProbes ? Self.probeKey : nil
            for (peer, isUp) in [(anchor, false), (gateway, true)] {
                var path = Self.path(number, isUp: isUp, rate: rates[index], probeKey: probeKey)
                path.hasReports = hasReports
                path.hasSizeProbes = hasSizeProbes
                peer.apply(.installPath(number, path), at: now)
            }
        }
        launch()
    }

    func install(_ distribution: Distribution) {
        for (peer, isUp) in [(anchor, false), (gateway, true)] {
            peer.apply(.installSession(1, Self.session(distribution, isUp: isUp)), at: now)
        }
    }

    static func session(_ distribution: Distribution, isUp: Bool) -> SessionParameters {
        SessionParameters(
            prefixes: [prefix(prefix6), prefix(prefix4)],
            sendKey: isUp ? upKey : downKey,
            receiveKey: isUp ? downKey : upKey,
            distribution: distribution
        )
    }

    static func path(
        _ number: PathNumber,
        isUp: Bool,
        rate: Int64? = nil,
        probeKey: SipKey? = nil,
        mtu: Int = 1500
    ) -> PathParameters {
        let ends = ends(number)
        return PathParameters(
            session: 1,
            local: isUp ? ends.gateway : ends.anchor,
            remote: isUp ? ends.anchor : ends.gateway,
            encapsulation: ends.gateway.isIPv4 ? .udpTLVGRE : .gre,
            mtu: mtu,
            rate: rate,
            bindingIdentifier: UInt8(number.rawValue),
            probeKey: probeKey
        )
    }

    static func ends(_ number: PathNumber) -> (gateway: IPAddress, anchor: IPAddress) {
        number.rawValue % 2 == 1
            ? (address("2001:db8:a:\(number.rawValue)::2"), address("2001:db8:100::1"))
            : (address("192.0.2.\(number.rawValue)"), address("198.51.100.2"))
    }

    static func arrival(_ number: PathNumber, isUp: Bool) -> TunnelArrival {
        let ends = ends(number)
        return TunnelArrival(
            local: isUp ? ends.anchor : ends.gateway,
            remote: isUp ? ends.gateway : ends.anchor,
            transport: ends.gateway.isIPv4 ? .udp(sourcePort: 5437) : .gre
        )
    }

    // MARK: Time

    func up(_ octets: [UInt8]) {
        gateway.fromTUN(octets, at: now)
        launch()
    }

    func down(_ octets: [UInt8]) {
        anchor.fromTUN(octets, at: now)
        launch()
    }

    /// Takes what both ends sent onto the links.
    func launch() {
        for (peer, isUp) in [(gateway, true), (anchor, false)] {
            for sent in peer.takeSent() {
                log.append((now, isUp, sent.path, sent.octets))
                if isUp, isLost(sent) { continue }
                guard let link = links[sent.path], !(isUp ? link.losesUp : link.losesDown),
                    Self.outerOctets(sent) <= (isUp ? link.mtuUp : link.mtuDown)
                else { continue }
                order += 1
                let flight = Flying(
                    arrival: now + link.delay + link.wait,
                    order: order,
                    isUp: isUp,
                    path: sent.path,
                    octets: sent.octets,
                    waits: link.wait
                )
                flying.append(flight)
            }
        }
        flying.sort { ($0.arrival, $0.order) < ($1.arrival, $1.order) }
    }

    /// The kernel adds IP and UDP headers.
    static func outerOctets(_ sent: Peer.Sent) -> Int { sent.octets.count + (sent.remote.isIPv4 ? 28 : 40) }

    /// The next user packet up over the path is lost.
    func loseNext(path: PathNumber) { unlucky.insert(path) }

    private func isLost(_ sent: Peer.Sent) -> Bool {
        guard !Self.isProbe(sent.octets), let number = Self.sequence(sent.octets) else { return false }
        if !seen.insert(number).inserted, losesRepairs > 0 {
            losesRepairs -= 1
            return true
        }
        return unlucky.remove(sent.path) != nil
    }

    func passes(_ milliseconds: Int64) { run(until: now + .milliseconds(milliseconds)) }

    func run(until end: Instant) {
        while true {
            let deadlines = [gateway.forwarder.nextDeadline, anchor.forwarder.nextDeadline, flying.first?.arrival]
            guard let next = deadlines.compactMap({ $0 }).min(), next <= end else { break }
            now = max(now, next)
            while let first = flying.first, first.arrival <= now {
                flying.removeFirst()
                let peer = first.isUp ? anchor : gateway
                var arrival = Self.arrival(first.path, isUp: first.isUp)
                arrival.waited = first.waits
                peer.fromTunnel(first.octets, arrival, at: now)
            }
            gateway.advance(to: now)
            anchor.advance(to: now)
            launch()
        }
        now = end
    }

    var conditions: [PathCondition?] {
        [gateway, anchor].flatMap { peer in
            links.keys.sorted { $0.rawValue < $1.rawValue }.map { peer.path($0.rawValue)?.condition }
        }
    }

    /// Probes in the log since the instant.
    func probes(since: Instant, isUp: Bool, path: PathNumber) -> [Instant] {
        log.filter { $0.at >= since && $0.isUp == isUp && $0.path == path && Self.isProbe($0.octets) }.map(\.at)
    }

    static func isProbe(_ octets: [UInt8]) -> Bool {
        let gre = octets.first == 0 ? Array(octets.dropFirst(4)) : octets
        return gre.count >= 4 && gre[2] == 0x88 && gre[3] == 0xB5
    }
}
