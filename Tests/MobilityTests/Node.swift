// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testing
import Wire

/// A mobile node on an access link, the frames that it sends, and what it is sent.
enum Node {
    static let identifier = NodeIdentifier(nai: "phone@example.net")
    static let other = NodeIdentifier(nai: "tablet@example.net")
    static let linkLocal = IPv6Address("fe80::1:2:3:4") ?? .zero
    static let home = HomeAddressAssignment(
        address: IPv4Address(10, 9, 0, 7),
        subnetLength: 24,
        defaultRouter: IPv4Address(10, 9, 0, 1),
        isGatewayDHCPServer: true
    )
    static let attachment = MobileNodeAttachment(
        identifier: identifier,
        linkLayerAddress: mac(1),
        handoff: .unknown,
        wantsIPv4: true,
        wantsIPv6: true
    )

    static func mac(_ number: Int) -> LinkLayerAddress {
        LinkLayerAddress(octets: [2, 0, 0, 0, UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]) ?? .broadcast
    }

    static func service(of identifier: NodeIdentifier = identifier) -> MobileNodeService {
        MobileNodeService(
            identifier: identifier,
            homeNetworkPrefixes: ["2001:db8:1:1::/64", "2001:db8:1:2::/64"].compactMap { IPPrefix($0) },
            homeAddress: home,
            linkLocalAddress: nil
        )
    }

    // MARK: The gateway's side

    static func link(_ change: (inout AccessLinkSettings) -> Void = { _ in }) -> AccessLinkNodes {
        var settings = AccessLinkSettings(linkLayerAddress: .proxyMobileIPv6)
        settings.nodes[mac(1)] = AccessNodeProfile(identifier, wantsIPv4: true)
        settings.nodes[mac(2)] = AccessNodeProfile(other, wantsIPv4: true)
        change(&settings)
        var link = AccessLinkNodes(settings)
        _ = link.handle(.mtuChanged(1400), at: .zero)
        return link
    }

    /// The node has come and was registered.
    static func served(
        at now: Instant = .zero,
        _ change: (inout AccessLinkSettings) -> Void = { _ in }
    ) -> AccessLinkNodes {
        var link = link(change)
        _ = link.handle(.received(solicitation()), at: now)
        _ = link.handle(.serve(service()), at: now)
        return link
    }

    // MARK: What it sends

    static func solicitation(from source: LinkLayerAddress = mac(1)) -> [UInt8] {
        frame(RouterSolicitation().octets, from: source, to: .allRouters)
    }

    static func advertisement() -> [UInt8] {
        let advertisement = NeighborAdvertisement(flags: .solicited, target: linkLocal)
        return frame(advertisement.octets, from: mac(1), to: AccessLinkNodes.fixedLinkLocalAddress)
    }

    /// It tries whether its link-local address is free.
    static func probe() -> [UInt8] {
        let solicitation = NeighborSolicitation(target: linkLocal)
        let packet = NeighborPacket(from: .zero, to: linkLocal.solicitedNodeGroup, message: solicitation.octets)
        return EthernetFrame(destination: .broadcast, source: mac(1), kind: .ipv6, payload: packet.octets).octets
    }

    /// All that Linux says when its link has come back.
    static func report() -> [UInt8] {
        let message: [UInt8] = [IPProtocol.icmpv6, 0, 5, 2, 0, 0, 1, 0, 143, 0, 0, 0, 0, 0, 0, 0]
        let header = IPv6Header(
            source: linkLocal,
            destination: .allRouters,
            nextHeader: IPProtocol.hopByHopOptions,
            payloadLength: message.count,
            hopLimit: 1
        )
        return EthernetFrame(
            destination: .broadcast,
            source: mac(1),
            kind: .ipv6,
            payload: header.octets + message
        ).octets
    }

    static func request(of target: IPv4Address) -> [UInt8] {
        let packet = ARPPacket(
            .request,
            senderLink: mac(1),
            sender: home.address,
            targetLink: .broadcast,
            target: target
        )
        return EthernetFrame(destination: .broadcast, source: mac(1), kind: .arp, payload: packet.octets).octets
    }

    static func dhcp(_ type: DHCPMessageType, _ change: (inout DHCPMessage) -> Void = { _ in }) -> [UInt8] {
        var message = DHCPMessage(.request, transaction: 7, hardwareAddress: mac(1).octets)
        message.type = type
        change(&message)
        let datagram = UDPHeader.datagram(
            from: (.v4(.zero), 68),
            to: (.v4(IPv4Address(.max)), 67),
            payload: message.octets
        )
        let header = IPv4Header(
            source: message.clientAddress,
            destination: IPv4Address(.max),
            protocolNumber: IPProtocol.udp,
            payloadLength: datagram.count
        )
        let payload = header.octets + datagram
        return EthernetFrame(destination: .broadcast, source: mac(1), kind: .ipv4, payload: payload).octets
    }

    private static func frame(_ message: [UInt8], from source: LinkLayerAddress, to group: IPv6Address) -> [UInt8] {
        let packet = NeighborPacket(from: linkLocal, to: group, message: message)
        return EthernetFrame(
            destination: LinkLayerAddress(group: group),
            source: source,
            kind: .ipv6,
            payload: packet.octets
        ).octets
    }

    // MARK: What it is sent

    static func sent(_ actions: [AccessLinkNodes.Action]) throws -> [EthernetFrame] {
        try actions.compactMap { action in
            if case .send(let octets) = action { try EthernetFrame(decoding: octets) } else { nil }
        }
    }

    static func advertised(_ actions: [AccessLinkNodes.Action]) throws -> [RouterAdvertisement] {
        try sent(actions).filter { $0.kind == .ipv6 }.compactMap { frame in
            try? RouterAdvertisement(decoding: try NeighborPacket(decoding: frame.payload).message)
        }
    }

    static func prefixes(_ advertisement: RouterAdvertisement) -> [PrefixInformation] {
        advertisement.options.compactMap { if case .prefix(let information) = $0 { information } else { nil } }
    }

    /// How many solicitations ask whether it is there.
    static func probes(_ actions: [AccessLinkNodes.Action]) throws -> Int {
        try sent(actions).filter { frame in
            guard frame.kind == .ipv6, let packet = try? NeighborPacket(decoding: frame.payload) else { return false }
            return (try? NeighborSolicitation(decoding: packet.message)) != nil
        }.count
    }

    static func answers(
        _ actions: [AccessLinkNodes.Action]
    ) throws -> [(message: DHCPMessage, frame: EthernetFrame)] {
        try sent(actions).filter { $0.kind == .ipv4 }.map { frame in
            let octets = Array(frame.payload.dropFirst(IPv4Header.minimumLength + UDPHeader.length))
            return (try DHCPMessage(decoding: octets), frame)
        }
    }
}

extension Instant {
    static func seconds(_ value: Int64) -> Instant { Instant(nanoseconds: value * 1_000_000_000) }
}
