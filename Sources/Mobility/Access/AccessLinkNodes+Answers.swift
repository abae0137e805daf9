// SPDX-License-Identifier: Apache-2.0
import Wire

/// What nodes are told: all of it in frames to one of them alone.
extension AccessLinkNodes {
    mutating func answer(_ frame: AccessFrame, at now: Instant) -> [Action] {
        switch frame.content {
        case .routerSolicitation(let source, let octets):
            return advertise(to: frame.source, .solicited(from: source, hopLimit: 255, octets: octets), at: now)
        // The kernel has the router's address, and answers for it.
        case .neighborSolicitation, .neighborAdvertisement, .groupReport: return []
        case .arp(let packet): return answer(packet, from: frame.source)
        case .dhcp(let message):
            // A relay's clients are on another link, and nobody asks for another node.
            guard message.operation == .request, message.relayAddress.isUnspecified,
                message.hardwareAddress == frame.source.octets
            else {
                counters.ignored += 1
                return []
            }
            return assign(message, to: frame.source, at: now)
        }
    }

    // MARK: Neighbours

    /// For the default router, and for the rest of the home subnet, which is behind it (RFC 5844 §3.2.4).
    private func answer(_ packet: ARPPacket, from link: LinkLayerAddress) -> [Action] {
        guard packet.operation == .request, let home = nodes[link]?.homeAddress, packet.senderLink == link,
            packet.target != home.address, packet.target != packet.sender,
            packet.target == home.defaultRouter || home.subnet.contains(.v4(packet.target)),
            !isNeighbor(packet.target)
        else { return [] }
        let reply = ARPPacket(
            .reply,
            senderLink: settings.linkLayerAddress,
            sender: packet.target,
            targetLink: link,
            target: packet.sender
        )
        return [frame(.arp, reply.octets, to: link)]
    }

    /// Another node on the same link answers for itself.
    private func isNeighbor(_ address: IPv4Address) -> Bool {
        nodes.values.contains { $0.homeAddress?.address == address }
    }

    /// Who is there: hosts report their groups (RFC 3810 §6.1).
    func callOut() -> Action {
        let query = GroupQuery(longestDelay: 500)
        let frame = EthernetFrame(
            destination: LinkLayerAddress(group: .allNodes),
            source: settings.linkLayerAddress,
            kind: .ipv6,
            payload: query.packet(from: Self.fixedLinkLocalAddress)
        )
        return .send(frame.octets)
    }

    /// Whether the node is there: asked by each protocol in which it is likely to answer.
    func questions(to node: AccessNode) -> [Action] {
        var questions: [Action] = []
        if node.profile.wantsIPv6 || node.linkLocal != nil {
            let solicitation = NeighborSolicitation(
                target: node.likelyLinkLocal,
                options: [.sourceLinkLayerAddress(settings.linkLayerAddress)]
            )
            questions.append(packet(solicitation.octets, to: node, node.likelyLinkLocal))
        }
        if let home = node.homeAddress {
            let request = ARPPacket(
                .request,
                senderLink: settings.linkLayerAddress,
                sender: home.router,
                targetLink: node.link,
                target: home.address
            )
            questions.append(frame(.arp, request.octets, to: node.link))
        }
        return questions
    }

    /// To the node alone, even where it is sent to all (RFC 6085 §3).
    func advertisement(_ octets: [UInt8], to node: AccessNode, _ destination: IPv6Address) -> Action {
        packet(octets, to: node, destination.isMulticast ? node.linkLocal ?? destination : destination)
    }

    private func packet(_ message: [UInt8], to node: AccessNode, _ destination: IPv6Address) -> Action {
        let packet = NeighborPacket(from: node.routerAddress, to: destination, message: message)
        return frame(.ipv6, packet.octets, to: node.link)
    }

    func frame(_ kind: EthernetFrame.Kind, _ payload: [UInt8], to link: LinkLayerAddress) -> Action {
        let frame = EthernetFrame(
            destination: link,
            source: settings.linkLayerAddress,
            kind: kind,
            payload: payload
        )
        return .send(frame.octets)
    }
}

extension HomeAddressAssignment {
    /// The home subnet.
    var subnet: IPPrefix { IPPrefix(.v4(address), length: Int(subnetLength)) ?? prefix }

    /// A subnet has a host beside the node that can be named as router where the anchor names none.
    var router: IPv4Address {
        if let defaultRouter { return defaultRouter }
        let hosts = (1...2 as ClosedRange<UInt64>).compactMap { subnet.address(at: $0) }
        for case .v4(let host) in hosts where host != address { return host }
        return .zero
    }
}
