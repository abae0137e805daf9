// SPDX-License-Identifier: Apache-2.0
import Wire

/// IPv4 home addresses by DHCP (RFC 5844 §3.4): given by the gateway itself, or by a server through it.
extension AccessLinkNodes {
    /// Who asks before his address is there is answered when it is.
    mutating func assign(_ message: DHCPMessage, to link: LinkLayerAddress, at now: Instant) -> [Action] {
        guard let node = nodes[link], node.profile.wantsIPv4, let type = message.type else { return [] }
        guard let home = node.homeAddress else {
            return type == .discover || type == .request ? wait(with: message, node, at: now) : []
        }
        var actions: [Action]
        if let relay = relay(for: home) {
            actions = forward(message, of: node, home, by: relay, at: now)
        } else {
            actions = answer(message, type, home).map { [reply($0, from: home.router, to: message, link)] } ?? []
        }
        if type == .release, message.clientAddress == home.address { actions += release(node, at: now) }
        return actions
    }

    /// RFC 5844 §3.4.3: a DISCOVER has an address asked for; also where the node gave one back while its session goes on.
    private mutating func wait(with message: DHCPMessage, _ node: AccessNode, at now: Instant) -> [Action] {
        nodes[node.link]?.waiting = message
        // RFC 2131 §4.1: clients repeat themselves after some seconds.
        guard node.service != nil, node.wantedAt.map({ now >= $0 + .seconds(1) }) ?? true else { return [] }
        nodes[node.link]?.wantedAt = now
        return [.homeAddressWanted(node.identifier)]
    }

    /// The IPv6 prefixes must stay (RFC 5844 §3.4.3): the address alone is given back. A node that has nothing else
    /// leaves.
    private mutating func release(_ node: AccessNode, at now: Instant) -> [Action] {
        guard node.service?.homeNetworkPrefixes.isEmpty == false else { return leave(node.link, at: now) }
        nodes[node.link]?.service?.homeAddress = nil
        return [.homeAddressReleased(node.identifier)]
    }

    private func terms(_ home: HomeAddressAssignment) -> LeaseTerms {
        LeaseTerms(prefix: home.subnet, server: home.router, mtu: mtu, settings: settings.assignments)
    }

    // MARK: As server

    /// RFC 5844 §3.4.1: the node's home address and nothing else.
    private func answer(
        _ message: DHCPMessage,
        _ type: DHCPMessageType,
        _ home: HomeAddressAssignment
    ) -> DHCPMessage? {
        let terms = terms(home)
        switch type {
        case .discover: return terms.answer(.offer, to: message, home.address)
        case .request:
            // It took another server's offer.
            if let server = message.options.address(.serverIdentifier), server != terms.server { return nil }
            // After a hand-over it is the same address most often, wherever it was given (RFC 5844 §3.4.3).
            return message.namedAddress == home.address
                ? terms.answer(.acknowledge, to: message, home.address) : terms.refusal(of: message)
        case .inform:
            return message.clientAddress == home.address ? terms.answer(.acknowledge, to: message, nil) : nil
        // That somebody else has the address the node's own subnet cannot show.
        case .decline, .release, .offer, .acknowledge, .refuse: return nil
        }
    }

    // MARK: As relay

    /// RFC 5844 §3.2.3.2: where the anchor does not want the gateway to be the server, and there is another one.
    private func relay(for home: HomeAddressAssignment) -> DHCPRelay? {
        home.isGatewayDHCPServer ? nil : settings.relay.map { DHCPRelay(settings: $0) }
    }

    private mutating func forward(
        _ message: DHCPMessage,
        of node: AccessNode,
        _ home: HomeAddressAssignment,
        by relay: DHCPRelay,
        at now: Instant
    ) -> [Action] {
        switch relay.forward(message, of: home) {
        case .pass(let relayed):
            nodes[node.link]?.relayed = message
            counters.relayed += 1
            return [.relay(relayed, to: relay.settings.server)]
        case .otherAddress(let address): return refuse(address, of: .node, node, home, at: now)
        case .drop:
            counters.ignored += 1
            return []
        }
    }

    /// Only what the operator's server says to what the node has asked last.
    mutating func answered(_ octets: [UInt8], by server: IPv4Address, at now: Instant) -> [Action] {
        guard server == settings.relay?.server, let message = try? DHCPMessage(decoding: octets),
            let link = LinkLayerAddress(octets: message.hardwareAddress), let node = nodes[link]
        else { return [] }
        guard let request = node.relayed, let home = node.homeAddress, let relay = relay(for: home) else {
            counters.ignored += 1
            return []
        }
        switch relay.answer(message, to: request, of: home, terms(home)) {
        case .pass(let answer):
            counters.relayed += 1
            return [reply(answer, from: home.router, to: request, link)]
        case .otherAddress(let address): return refuse(address, of: .server, node, home, at: now)
        case .drop:
            counters.ignored += 1
            return []
        }
    }

    private mutating func refuse(
        _ address: IPv4Address,
        of speaker: AddressMismatch.Speaker,
        _ node: AccessNode,
        _ home: HomeAddressAssignment,
        at now: Instant
    ) -> [Action] {
        counters.mismatched += 1
        guard let untold = mismatches.untold(speaker, at: now) else { return [] }
        let mismatch = AddressMismatch(
            node: node.identifier,
            speaker: speaker,
            address: address,
            homeAddress: home.address,
            untold: untold
        )
        return [.mismatched(mismatch)]
    }

    // MARK: To the node

    private func reply(
        _ message: DHCPMessage,
        from source: IPv4Address,
        to request: DHCPMessage,
        _ link: LinkLayerAddress
    ) -> Action {
        let isKnown = !request.clientAddress.isUnspecified && message.type != .refuse
        let destination = isKnown ? request.clientAddress : IPv4Address(.max)
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
