// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// A gateway and an anchor joined by one path of any encapsulation; what is sent arrives at once, at the other end.
final class Tunnel {
    struct Kind: Sendable, CustomTestStringConvertible {
        var encapsulation: Encapsulation
        var outerIsIPv4: Bool
        var hasKey = false
        var testDescription: String {
            "\(encapsulation)\(hasKey ? " with key" : "") over \(outerIsIPv4 ? "IPv4" : "IPv6")"
        }

        static let all = Encapsulation.allCases.flatMap { encapsulation in
            [false, true].flatMap { outerIsIPv4 in
                (encapsulation.hasGRE ? [false, true] : [false]).map {
                    Kind(encapsulation: encapsulation, outerIsIPv4: outerIsIPv4, hasKey: $0)
                }
            }
        }
    }

    static let inner6 = Packets.udp("2001:db8:1234::1", "2001:db8:ffff::80")
    static let inner4 = Packets.udp("10.1.2.3", "198.51.100.9")
    static let answer6 = Packets.udp("2001:db8:ffff::80", "2001:db8:1234::1")
    static let answer4 = Packets.udp("198.51.100.9", "10.1.2.3")

    let kind: Kind
    let gateway = Peer(.gateway)
    let anchor = Peer(.anchor)
    var now = Instant.milliseconds(1000)
    /// Where the anchor sees the gateway, if a translator stands between them.
    var translated: (address: IPAddress, port: UInt16)?
    /// What the anchor sent lately.
    private(set) var sentDown: [Peer.Sent] = []

    init(_ kind: Kind, _ distribution: Distribution = .perFlow, hasProbes: Bool = true) {
        self.kind = kind
        for (peer, isUp) in [(anchor, false), (gateway, true)] {
            var session = Pair.session(distribution, isUp: isUp)
            if !kind.hasKey {
                session.sendKey = nil
                session.receiveKey = nil
            }
            peer.apply(.installSession(1, session), at: now)
            peer.apply(.installPath(1, path(isUp: isUp, hasProbes: hasProbes)), at: now)
        }
        carry()
    }

    var ends: (gateway: IPAddress, anchor: IPAddress) {
        kind.outerIsIPv4
            ? (address("192.0.2.1"), address("198.51.100.2")) : (address("2001:db8:a::2"), address("2001:db8:100::1"))
    }

    func path(isUp: Bool, hasProbes: Bool = true, identifier: UInt8 = 1) -> PathParameters {
        PathParameters(
            session: 1,
            local: isUp ? ends.gateway : ends.anchor,
            remote: isUp ? ends.anchor : ends.gateway,
            encapsulation: kind.encapsulation,
            mtu: 1500,
            rate: nil,
            bindingIdentifier: identifier,
            probeKey: hasProbes ? Pair.probeKey : nil
        )
    }

    func arrival(isUp: Bool, isIPv4: Bool = false, trafficClass: UInt8 = 0) -> TunnelArrival {
        let seen = translated ?? (ends.gateway, MobilityPort.data)
        let transport: TunnelArrival.Transport =
            switch kind.encapsulation {
            case .ipInIP: .ipInIP(isIPv4: isIPv4)
            case .gre: .gre
            case .udp, .udpTLV, .udpTLVGRE: .udp(sourcePort: isUp ? seen.port : MobilityPort.data)
            }
        return TunnelArrival(
            local: isUp ? ends.anchor : ends.gateway,
            remote: isUp ? seen.address : ends.anchor,
            transport: transport,
            trafficClass: trafficClass
        )
    }

    /// Until both are quiet.
    func carry() {
        while true {
            let (up, down) = (gateway.takeSent(), anchor.takeSent())
            guard !up.isEmpty || !down.isEmpty else { return }
            for sent in up {
                let arrival = arrival(isUp: true, isIPv4: sent.isIPv4, trafficClass: sent.trafficClass)
                anchor.fromTunnel(sent.octets, arrival, at: now)
            }
            sentDown = down.isEmpty ? sentDown : down
            let seen = translated ?? (ends.gateway, MobilityPort.data)
            for sent in down where sent.remote == seen.address && (sent.port == 0 || sent.port == seen.port) {
                let arrival = arrival(isUp: false, isIPv4: sent.isIPv4, trafficClass: sent.trafficClass)
                gateway.fromTunnel(sent.octets, arrival, at: now)
            }
        }
    }

    func up(_ octets: [UInt8]) {
        gateway.fromTUN(octets, at: now)
        carry()
    }

    func down(_ octets: [UInt8]) {
        anchor.fromTUN(octets, at: now)
        carry()
    }

    func passes(_ milliseconds: Int64) {
        let end = now + .milliseconds(milliseconds)
        while let next = [gateway, anchor].compactMap({ $0.forwarder.nextDeadline }).min(), next <= end {
            now = max(now, next)
            gateway.advance(to: now)
            anchor.advance(to: now)
            carry()
        }
        now = end
    }
}
