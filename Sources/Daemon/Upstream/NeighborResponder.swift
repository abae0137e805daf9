// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Answers a link's questions after addresses that are sites' in truth: the anchor stands for them there (RFC 4861
/// §7.2.8, RFC 1027). Decides only; frames come in and go out by others.
package struct NeighborResponder {
    /// Answers in a second, whoever asks.
    package static let rate = 1000

    private let linkLayerAddress: LinkLayerAddress
    private var prefixes: Set<IPPrefix> = []
    private var windowStart = Instant(nanoseconds: .min)
    private var answersInWindow = 0

    package init(linkLayerAddress: LinkLayerAddress) { self.linkLayerAddress = linkLayerAddress }

    package mutating func add(_ prefix: IPPrefix) { prefixes.insert(prefix) }
    package mutating func remove(_ prefix: IPPrefix) { prefixes.remove(prefix) }

    /// The frame that answers this one; nil if none is due.
    package mutating func answer(to octets: [UInt8], at now: Instant) -> [UInt8]? {
        guard let frame = try? EthernetFrame(decoding: octets), frame.source != linkLayerAddress,
            let answer = answer(to: frame), spend(at: now)
        else { return nil }
        return answer.octets
    }

    private func answer(to frame: EthernetFrame) -> EthernetFrame? {
        switch frame.kind {
        case .ipv4: nil
        case .arp: (try? ARPPacket(decoding: frame.payload)).flatMap { answer(to: $0) }
        case .ipv6: (try? NeighborPacket(decoding: frame.payload)).flatMap { answer(to: $0, from: frame.source) }
        }
    }

    private func answer(to request: ARPPacket) -> EthernetFrame? {
        // A request for one's own address announces it (RFC 5227 §3) and wants no answer.
        guard request.operation == .request, request.senderLink.isUnicast, request.sender != request.target,
            holds(.v4(request.target))
        else { return nil }
        let reply = ARPPacket(
            .reply,
            senderLink: linkLayerAddress,
            sender: request.target,
            targetLink: request.senderLink,
            target: request.sender
        )
        return EthernetFrame(
            destination: request.senderLink,
            source: linkLayerAddress,
            kind: .arp,
            payload: reply.octets
        )
    }

    private func answer(to packet: NeighborPacket, from link: LinkLayerAddress) -> EthernetFrame? {
        guard let solicitation = try? NeighborSolicitation(decoding: packet.message), link.isUnicast,
            !packet.source.isMulticast, holds(.v6(solicitation.target))
        else { return nil }
        // Somebody wants to take the address (RFC 4862 §5.4.3); the site has it, and everybody hears so (RFC 4861 §7.2.4).
        let isProbe = packet.source.isUnspecified
        if isProbe {
            // RFC 4861 §7.1.1
            guard packet.destination == solicitation.target.solicitedNodeGroup, !solicitation.namesLinkLayerAddress
            else { return nil }
        }
        // Without O: a proxy gives way to the holder itself (RFC 4861 §7.2.8).
        let advertisement = NeighborAdvertisement(
            flags: isProbe ? .router : [.router, .solicited],
            target: solicitation.target,
            options: [.targetLinkLayerAddress(linkLayerAddress)]
        )
        let answer = NeighborPacket(
            from: solicitation.target,
            to: isProbe ? .allNodes : packet.source,
            message: advertisement.octets
        )
        return EthernetFrame(
            destination: isProbe ? LinkLayerAddress(group: .allNodes) : link,
            source: linkLayerAddress,
            kind: .ipv6,
            payload: answer.octets
        )
    }

    private func holds(_ address: IPAddress) -> Bool { prefixes.contains { $0.contains(address) } }

    private mutating func spend(at now: Instant) -> Bool {
        if now >= windowStart + .seconds(1) {
            windowStart = now
            answersInWindow = 0
        }
        guard answersInWindow < Self.rate else { return false }
        answersInWindow += 1
        return true
    }
}
