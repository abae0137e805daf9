// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What a host on the access link may send: decoders, and the advertiser and the DHCP servers of both families that answer.
@_cdecl("LLVMFuzzerTestOneInput")
public func neighbor(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    if let solicitation = try? RouterSolicitation(decoding: octets) {
        _ = solicitation.namesLinkLayerAddress
        let again = try? RouterSolicitation(decoding: solicitation.octets)
        precondition(again == solicitation, "a solicitation means something else once encoded")
    }
    if let advertisement = try? RouterAdvertisement(decoding: octets) {
        let again = try? RouterAdvertisement(decoding: advertisement.octets)
        precondition(again == advertisement, "an advertisement means something else once encoded")
    }
    neighbors(octets)
    solicit(octets)
    configure(octets)
    access(octets)
    delegate(octets)
    relay(octets)
    answerRelayed(octets)
    return 0
}

/// What nodes on an access link send, as they come, are served and let go.
private func access(_ octets: [UInt8]) {
    guard let frame = try? AccessFrame(decoding: octets) else { return }
    var settings = AccessLinkSettings(linkLayerAddress: .proxyMobileIPv6)
    settings.nodes[frame.source] = AccessNodeProfile(NodeIdentifier(nai: "node@example.net"), wantsIPv4: true)
    let server = IPv4Address(192, 0, 2, 67)
    settings.relay = DHCPRelaySettings(server: server)
    var link = AccessLinkNodes(settings)
    let home = HomeAddressAssignment(
        address: IPv4Address(10, 20, 0, 9),
        subnetLength: octets.last ?? 24,
        defaultRouter: octets.count.isMultiple(of: 2) ? IPv4Address(10, 20, 0, 1) : nil,
        isGatewayDHCPServer: octets.dropLast().last?.isMultiple(of: 2) ?? true
    )
    let service = MobileNodeService(
        identifier: NodeIdentifier(nai: "node@example.net"),
        homeNetworkPrefixes: ["2001:db8:1::/64"].compactMap { IPPrefix($0) },
        homeAddress: home
    )
    check(link.handle(.mtuChanged(1400), at: .zero))
    check(link.handle(.received(octets), at: .zero))
    let relayed = link.handle(.serve(service), at: .zero)
    check(relayed)
    // The server makes of it what it likes.
    for case .relay(var message, _) in relayed {
        for code in octets.suffix(20) {
            message.operation = code > 250 ? .request : .reply
            message.type = DHCPMessageType(rawValue: code % 9)
            message.yourAddress = IPv4Address(10, 20, 0, code % 4 == 0 ? 8 : 9)
            check(link.handle(.answered(message.octets, by: server), at: .zero))
        }
    }
    check(link.handle(.answered(octets, by: server), at: .zero))
    var now = Instant.zero
    for octet in octets.suffix(10) {
        now = now + .seconds(Int64(octet))
        check(link.handle(.deadline, at: now))
        check(link.handle(octet > 250 ? .stopServing(service.identifier) : .received(octets), at: now))
        check(link.handle(.serve(service), at: now))
    }
    check(link.handle(.stop, at: now))
}

private func check(_ actions: [AccessLinkNodes.Action]) {
    for action in actions {
        switch action {
        case .send(let octets):
            precondition((try? EthernetFrame(decoding: octets)) != nil, "sends what nobody can read")
        case .relay(let message, _):
            precondition((try? DHCPMessage(decoding: message.octets)) == message, "relays what nobody can read")
        case .attached, .detached, .homeAddressReleased, .homeAddressWanted, .mismatched: break
        }
    }
}

/// What arrives on the anchor's upstream link.
private func neighbors(_ octets: [UInt8]) {
    if let solicitation = try? NeighborSolicitation(decoding: octets) {
        _ = solicitation.namesLinkLayerAddress
        let again = try? NeighborSolicitation(decoding: solicitation.octets)
        precondition(again == solicitation, "a solicitation of a neighbour means something else once encoded")
    }
    if let advertisement = try? NeighborAdvertisement(decoding: octets) {
        let again = try? NeighborAdvertisement(decoding: advertisement.octets)
        precondition(again == advertisement, "an advertisement of a neighbour means something else once encoded")
    }
    if let packet = try? ARPPacket(decoding: octets) {
        precondition((try? ARPPacket(decoding: packet.octets)) == packet, "ARP means something else once encoded")
    }
    guard let frame = try? EthernetFrame(decoding: octets) else { return }
    precondition((try? EthernetFrame(decoding: frame.octets)) == frame, "a frame means something else once encoded")
    if let packet = try? NeighborPacket(decoding: frame.payload) {
        precondition((try? NeighborPacket(decoding: packet.octets)) == packet, "a packet is spoilt once encoded")
    }
    neighbors(frame.payload)
}

/// Addresses and times are taken from the message's end, so that crowds of hosts come about.
private func solicit(_ octets: [UInt8]) {
    var advertiser = RouterAdvertiser(settings: RouterAdvertiserSettings())
    var now = Instant.zero
    let prefix = IPPrefix("2001:db8:1::/48")
    precondition(prefix != nil, "a prefix of our own")
    _ = advertiser.handle(.prefixChanged(prefix, mtu: 1400), at: now)
    for octet in octets.suffix(40) {
        let host = IPv6Address(high: octet == 0 ? 0 : 0xFE80_0000_0000_0000, low: UInt64(octet))
        check(advertiser.handle(.solicited(from: host, hopLimit: 255, octets: octets), at: now))
        now = now + .milliseconds(Int64(octet))
        check(advertiser.handle(.deadline, at: now))
    }
    check(advertiser.handle(.stop, at: now))
}

private func configure(_ octets: [UInt8]) {
    guard let message = try? DHCPMessage(decoding: octets) else { return }
    precondition((try? DHCPMessage(decoding: message.octets)) == message, "DHCP means something else once encoded")
    var server = DHCPServer(settings: DHCPServerSettings())
    let prefix = IPPrefix("10.20.0.0/28")
    precondition(prefix != nil, "a prefix of our own")
    let network = prefix.map { DHCPServer.Network($0, server: IPv4Address(10, 20, 0, 1)) }
    check(server.handle(.networkChanged(network, mtu: 1400), at: .zero))
    // A crowd, each asking as the message does.
    var now = Instant.zero
    for number in 0..<20 as Range<UInt8> {
        var copy = message
        copy.hardwareAddress = Array(message.hardwareAddress.dropLast()) + [number]
        check(server.handle(.received(copy.octets), at: now))
        now = now + .milliseconds(100 * Int64(number))
        check(server.handle(.deadline, at: now))
    }
}

private func delegate(_ octets: [UInt8]) {
    guard let message = try? DHCPv6Message(decoding: octets) else { return }
    precondition((try? DHCPv6Message(decoding: message.octets)) == message, "DHCPv6 means something else once encoded")
    let identifier = message.server ?? DHCPUniqueIdentifier(.broadcast)
    var server = PrefixDelegationServer(identifier: identifier, settings: [0: PrefixDelegationSettings()])
    let prefixes = ["2001:db8:5600::/56", "2001:db8:7700::/58"].compactMap { IPPrefix($0) }
    precondition(prefixes.count == 2, "prefixes of our own")
    // A crowd, each asking as the message does; half of them after the prefix has changed.
    var now = Instant.zero
    var routes: Set<PrefixLease> = []
    for number in 0..<20 as Range<UInt64> {
        let prefix = prefixes[number < 10 ? 0 : 1]
        let pool = PrefixDelegationPool(prefix, reserved: [prefix.subprefix(length: 64, at: 0)].compactMap(\.self))
        check(server.handle(.poolChanged(pool), at: now), &routes)
        var copy = message
        if number % 3 > 0 {
            let client = DHCPUniqueIdentifier(LinkLayerAddress(group: IPv6Address(high: 0, low: number)))
            copy.options.insert(.clientIdentifier(client), at: 0)
        }
        let router = IPv6Address(high: 0xFE80_0000_0000_0000, low: number)
        let event = PrefixDelegationServer.Event.received(
            copy.octets,
            from: router,
            isUnicast: number % 7 == 6,
            link: 0
        )
        check(server.handle(event, at: now), &routes)
        now = now + .seconds(100 * Int64(number))
        check(server.handle(.deadline, at: now), &routes)
    }
    check(server.handle(.poolChanged(nil), at: now), &routes)
    precondition(routes.isEmpty, "a route outlives its prefix")
}

/// As clients on the LAN send, and as comes out of the tunnel.
private func relay(_ octets: [UInt8]) {
    if let message = try? DHCPv6RelayMessage(decoding: octets) {
        let again = try? DHCPv6RelayMessage(decoding: message.octets)
        precondition(again == message, "a relayed message means something else once encoded")
    }
    let node = NodeIdentifier(nai: "cpe1@example.net")
    var relay = PrefixDelegationRelay(of: node, links: [0, 1])
    var session = PrefixDelegationRelay.Session()
    session.homeNetworkPrefix = IPPrefix("2001:db8:1234::/64")
    session.anchor = IPv6Address("2001:db8:100::1")
    session.sites = ["2001:db8:1234::/64", "2001:db8:5600::/56"].compactMap { IPPrefix($0) }
    var routes: Set<PrefixLease> = []
    var now = Instant.zero
    let router = IPv6Address(high: 0xFE80_0000_0000_0000, low: 9)
    let wrapped = DHCPv6RelayMessage(
        .reply,
        link: .zero,
        peer: router,
        [.interfaceIdentifier([0, 0, 0, (octets.first ?? 0) % 3]), .relayMessage(octets)]
    )
    for octet in octets.suffix(12) {
        let anchor = session.anchor ?? .zero
        let event: PrefixDelegationRelay.Event =
            switch octet % 5 {
            case 0: .received(octets, from: router, isUnicast: octet > 200, link: Int(octet % 3))
            case 1: .answered(octets, from: anchor)
            case 2: .answered(wrapped.octets, from: anchor)
            case 3: .linkRenewed(0)
            default: .sessionChanged(session)
            }
        take(relay.handle(event, at: now), &session, &routes)
        now = now + .seconds(Int64(octet))
        take(relay.handle(.deadline, at: now), &session, &routes)
        if octet % 7 == 0 { session.registered = [] }
        take(relay.handle(.sessionChanged(session), at: now), &session, &routes)
        routes = octet % 5 == 3 ? [] : routes
    }
}

/// The anchor accepts whatever it is told of.
private func take(
    _ actions: [PrefixDelegationRelay.Action],
    _ session: inout PrefixDelegationRelay.Session,
    _ routes: inout Set<PrefixLease>
) {
    for action in actions {
        switch action {
        case .relay(let octets, _):
            let message = try? DHCPv6RelayMessage(decoding: octets)
            precondition(message?.relayed != nil, "relays what nobody can read")
        case .send(let octets, _, _):
            precondition((try? DHCPv6Message(decoding: octets)) != nil, "passes on what nobody can read")
        case .name(let prefixes): (session.named, session.registered) = (prefixes, prefixes)
        case .begin(let lease):
            precondition(!session.sites.contains { $0.overlaps(lease.prefix) }, "routes the site's own away")
            routes.insert(lease)
        case .end(let lease): routes.remove(lease)
        }
    }
}

/// What comes out of a tunnel at an anchor that has no session for it, and one that has.
private func answerRelayed(_ octets: [UInt8]) {
    guard let home = IPPrefix("2001:db8:1234::/48"), let pool = IPPrefix("2001:db8:5600::/40") else { return }
    let node = NodeIdentifier(nai: "cpe1@example.net")
    var settings = AnchorSettings(
        addresses: ["2001:db8:100::1"].compactMap { IPAddress($0) },
        gateways: [
            GatewayPeer(identifier: NodeIdentifier(nai: "mag1@example.net"), mobileNodes: [node], authentication: .none)
        ],
        restartCounter: 1
    )
    settings.homeNetworkPrefixes = PrefixPool(range: home, length: 64)
    settings.delegatedIPv6 = PrefixPool(range: pool, length: 56)
    settings.delegation = PrefixDelegationSettings()
    var anchor = LocalMobilityAnchor(settings, seed: 1)
    let now = Moment(instant: Instant(nanoseconds: 1_000_000_000), timestamp: Timestamp(seconds: 1_700_000_000))
    let update = BindingUpdate(
        sequence: 1,
        flags: [.acknowledge, .proxyRegistration],
        lifetime: BindingLifetime(.seconds(3600)),
        options: MobilityOptions([
            MobileNodeIdentifier(node), HomeNetworkPrefix.request, HandoffIndicator.attachmentOverNewInterface,
            AccessTechnologyType(.virtual), TimestampOption(now.timestamp),
        ])
    )
    guard let lte = IPAddress("2001:db8:a::2"), let address = settings.addresses.first,
        let route = SignallingRoute(from: lte, to: address)
    else { return }
    let datagram = Authentication.seal(.bindingUpdate(update), on: route, careOf: lte, by: .none)
    _ = anchor.handle(.received(datagram), at: now)
    precondition(anchor.sessionCount == 1, "an update of our own")
    let wrapped = DHCPv6RelayMessage(.forward, link: .zero, peer: .zero, [.relayMessage(octets)])
    for text in [octets, wrapped.octets] {
        guard let source = IPv6Address("2001:db8:1234::"),
            let answer = anchor.answer(relayed: text, from: source, at: now)
        else { continue }
        precondition((try? DHCPv6RelayMessage(decoding: answer))?.relayed != nil, "answers what nobody can read")
    }
    _ = anchor.handle(.deadline, at: now + .seconds(3600))
}

private func check(_ actions: [PrefixDelegationServer.Action], _ routes: inout Set<PrefixLease>) {
    for action in actions {
        switch action {
        case .send(let octets, _, _):
            precondition((try? DHCPv6Message(decoding: octets)) != nil, "sends what nobody can read")
        case .begin(let lease):
            precondition(!routes.contains { $0.prefix.overlaps(lease.prefix) }, "delegates a prefix twice")
            routes.insert(lease)
        case .end(let lease): precondition(routes.remove(lease) != nil, "ends what has not begun")
        }
    }
}

private func check(_ actions: [DHCPServer.Action]) {
    for case .send(let octets, _) in actions {
        precondition((try? DHCPMessage(decoding: octets)) != nil, "sends what nobody can read")
    }
}

private func check(_ actions: [RouterAdvertiser.Action]) {
    for case .send(let octets, _) in actions {
        precondition((try? RouterAdvertisement(decoding: octets)) != nil, "sends what nobody can read")
    }
}
