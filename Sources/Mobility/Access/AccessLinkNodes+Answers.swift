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

    private func frame(_ kind: EthernetFrame.Kind, _ payload: [UInt8], to link: LinkLayerAddress) -> Action {
        let frame = EthernetFrame(
            destination: link,
            source: settings.linkLayerAddress,
            kind: kind,
            payload: payload
        )
        return .send(frame.octets)
    }

    // MARK: DHCP

    /// RFC 5844 §3.4.1: the node's home address and nothing else; who asks before it is there is answered when it is.
    mutating func assign(_ message: DHCPMessage, to link: LinkLayerAddress, at now: Instant) -> [Action] {
        guard let node = nodes[link], node.profile.wantsIPv4, let type = message.type else { return [] }
        switch type {
        case .discover, .request:
            nodes[link]?.hasReleased = false
            guard let service = node.service else {
                nodes[link]?.waiting = message
                return []
            }
            return [answer(message, type, service.homeAddress)].compactMap(\.self).map { reply($0, to: message, link) }
        case .inform:
            guard let home = node.homeAddress, message.clientAddress == home.address else { return [] }
            return [reply(terms(home).answer(.acknowledge, to: message, nil), to: message, link)]
        case .release:
            guard let home = node.homeAddress, message.clientAddress == home.address else { return [] }
            return release(node, at: now)
        // That somebody else has the address the node's own subnet cannot show.
        case .decline, .offer, .acknowledge, .refuse: return []
        }
    }

    private func answer(
        _ message: DHCPMessage,
        _ type: DHCPMessageType,
        _ home: HomeAddressAssignment?
    ) -> DHCPMessage? {
        guard let home else { return nil }
        let terms = terms(home)
        if type == .discover { return terms.answer(.offer, to: message, home.address) }
        // It took another server's offer.
        if let server = message.options.address(.serverIdentifier), server != terms.server { return nil }
        // After a hand-over it is the same address most often, wherever it was given (RFC 5844 §3.4.3).
        let wanted =
            message.clientAddress.isUnspecified ? message.options.address(.requestedAddress) : message.clientAddress
        return wanted == home.address
            ? terms.answer(.acknowledge, to: message, home.address) : terms.refusal(of: message)
    }

    private func terms(_ home: HomeAddressAssignment) -> LeaseTerms {
        LeaseTerms(prefix: home.subnet, server: home.router, mtu: mtu, settings: settings.assignments)
    }

    /// The IPv6 prefixes must stay (RFC 5844 §3.4.3), and so the session does, with the address that nobody uses now; a
    /// node that has nothing else leaves.
    private mutating func release(_ node: AccessNode, at now: Instant) -> [Action] {
        guard node.profile.wantsIPv6 else { return leave(node.link, at: now) }
        nodes[node.link]?.hasReleased = true
        return []
    }

    private func reply(_ message: DHCPMessage, to request: DHCPMessage, _ link: LinkLayerAddress) -> Action {
        let isKnown = !request.clientAddress.isUnspecified && message.type != .refuse
        let destination = isKnown ? request.clientAddress : IPv4Address(.max)
        let source = message.options.address(.serverIdentifier) ?? .zero
        let datagram = UDPHeader.datagram(
            from: (.v4(source), 67),
            to: (.v4(destination), 68),
            payload: message.octets
        )
        let header = IPv4Header(
            source: source,
            destination: destination,
            protocolNumber: IPProtocol.udp,
            payloadLength: datagram.count
        )
        // RFC 2131 §4.1
        let isForAll = message.type == .refuse || request.wantsBroadcast && !isKnown
        return frame(.ipv4, header.octets + datagram, to: isForAll ? .broadcast : link)
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
