// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which tunnel is asked for, and what an answer makes of it (RFC 5844 §4.2.2, RFC 5845 §4.2, §7.3).
extension MobilitySession {
    /// More often no address translator needs to be reminded.
    private static let shortestKeepalive = Duration.seconds(5)

    /// What the operator says or experience with this care-of address, else what gets through most networks.
    func wantedTunnel(of link: WANLink) -> TunnelEncapsulation {
        let wanted = link.tunnel ?? link.settings.encapsulation ?? (link.speaksUDP ? .udpTLVGRE : .gre)
        return anchor.lacksGRE ? wanted.withoutGRE : wanted
    }

    /// What an acceptance grants. RFC 5844 §4.2.2: UDP without GRE and TLV header is told by NAT Detection alone.
    func grantedTunnel(by reply: BindingAcknowledgement, to request: PendingUpdate) -> TunnelEncapsulation {
        let wanted = request.tunnel ?? .ipInIP
        let hasGRE = wanted.usesGRE && reply.grantsGRE
        // RFC 5845 §7.2: what was not asked for does not count.
        if wanted.usesTLV, reply.flags.contains(.tlvHeader) { return hasGRE ? .udpTLVGRE : .udpTLV }
        if hasGRE { return .gre }
        let isForced = reply.options.first(NATDetection.self)?.forcesUDP == true
        return request.route.isUDP && isForced ? .udp : .ipInIP
    }

    /// What the answer teaches for the next request.
    mutating func learn(from reply: BindingAcknowledgement, to request: PendingUpdate, on index: Int) {
        if links[index].isAutomaticIPv6 { links[index].signalsOverUDP = request.route.isUDP }
        guard let wanted = request.tunnel, wanted.usesGRE, !reply.grantsGRE else { return }
        if reply.status == .greKeyOptionNotRequired {
            // RFC 5845 §4.2: never again in this session. With RFC 8278 each path has its own word on it.
            links[index].tunnel = wanted.withoutGRE
        } else {
            // RFC 5845 §4.2: it has not understood the option.
            anchor.lacksGRE = true
        }
    }

    /// nil: nothing on the way has to be reminded.
    func keepalive(after reply: BindingAcknowledgement, _ tunnel: TunnelEncapsulation) -> Duration? {
        guard tunnel.isUDP else { return nil }
        let wanted = settings.natKeepalive ?? reply.options.first(NATDetection.self)?.refreshTime
        return wanted.map { max($0, Self.shortestKeepalive) }
    }

    mutating func keepaliveDue(_ index: Int, at now: Moment) -> [Action] {
        guard let granted = links[index].granted, let keepalive = granted.keepalive else {
            links[index].keepaliveAt = .never
            return []
        }
        // Another node's may have gone the same way just now.
        let lastAt = shared.remindedAt[index].map { $0 + keepalive <= now.instant ? now.instant : $0 } ?? now.instant
        links[index].keepaliveAt = lastAt + keepalive
        guard lastAt == now.instant, shared.remindedAt[index] != lastAt else { return [] }
        shared.remindedAt[index] = lastAt
        return [.send(granted.route.keepalive)]
    }

    /// A tunnel that has never let anything through is replaced by one of UDP, if there is a choice: something on the
    /// way knows no GRE. Peers that answer no probes give no reason to think so.
    mutating func replaceSilentTunnel(_ index: Int, at now: Moment) -> [Action] {
        let link = links[index]
        guard session.hasPathProbes, phase == .running, !link.hasBeenAlive, link.settings.encapsulation == nil,
            link.tunnel == nil, let granted = link.granted, !granted.encapsulation.isUDP,
            link.registration.attempt == nil
        else { return [] }
        if link.isAutomaticIPv6 {
            links[index].signalsOverUDP = true
        } else {
            // The anchor has no TLV header, which GRE would need over UDP.
            links[index].tunnel = .udp
        }
        return refresh(index, inBulk: false, at: now)
    }
}

extension BindingAcknowledgement {
    /// RFC 5845 §4.2
    fileprivate var grantsGRE: Bool { status != .greKeyOptionNotRequired && options.first(GREKey.self) != nil }
}
