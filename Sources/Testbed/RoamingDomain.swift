// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// One anchor and two gateways of two access networks each, in virtual time, for physical nodes that go from one gateway
/// to the other. Both gateways use the Binding IDs 1 and 2; a message takes ten milliseconds either way.
package struct RoamingDomain: Sendable {
    /// A message as it left one of them.
    package struct Sent: Sendable {
        package var at: Instant
        /// nil: the anchor.
        package var gateway: Int?
        package var datagram: Datagram
        package var message: MobilityMessage
    }

    /// What a gateway's access side is told of a node; nil: nothing more.
    package struct Served: Sendable {
        package var at: Instant
        package var gateway: Int
        package var node: NodeIdentifier
        package var service: MobileNodeService?
    }

    package struct Gateway: Sendable {
        package var engine: MobileAccessGateway
        package var network = VirtualNetwork()
        package var ledger = Ledger()
        let addresses: [IPAddress]
    }

    package static let roundTrip = Duration.milliseconds(20)
    package static let laptop = NodeIdentifier(nai: "laptop@example.net")
    package static let phone = NodeIdentifier(nai: "phone@example.net")
    /// By the gateway, then by the WAN.
    package static let addresses = [
        [ExampleDomain.lte, ExampleDomain.dsl],
        [ExampleDomain.address("2001:db8:c::2"), ExampleDomain.address("192.0.2.65")],
    ]

    package private(set) var anchor: LocalMobilityAnchor
    package private(set) var atAnchor = Ledger()
    package var gateways: [Gateway]
    package private(set) var now = Instant(nanoseconds: 1_000_000_000)
    package private(set) var sent: [Sent] = []
    package private(set) var served: [Served] = []
    private let epoch = Timestamp(seconds: 1_700_000_000)

    /// Both gateways started, their access networks up, if `isStarted`.
    package init(
        anchor change: (inout AnchorSettings) -> Void = { _ in },
        gateways changeGateway: (Int, inout GatewaySettings) -> Void = { _, _ in },
        isStarted: Bool = true
    ) {
        var settings = Self.anchor
        change(&settings)
        anchor = LocalMobilityAnchor(settings, seed: 1)
        gateways = Self.addresses.indices.map { index in
            var settings = Self.gateway(index)
            changeGateway(index, &settings)
            let engine = MobileAccessGateway(settings, seed: UInt64(2 + index))
            return Gateway(engine: engine, addresses: Self.addresses[index])
        }
        guard isStarted else { return }
        for index in gateways.indices { starts(index) }
    }

    package static var anchor: AnchorSettings {
        var settings = GatewayPair.anchor
        settings.handoff = .revoke
        for index in settings.gateways.indices {
            settings.gateways[index].mobileNodes.append(NodeIdentifier(nai: "@example.net"))
        }
        settings.ipv4HomeAddresses = PrefixPool(range: ExampleDomain.prefix("10.99.0.0/24"), length: 32)
        return settings
    }

    /// Without a logical node.
    package static func gateway(_ index: Int) -> GatewaySettings {
        var settings = ExampleDomain.gateway
        settings.mobileNode = nil
        guard index > 0 else { return settings }
        settings.identifier = GatewayPair.secondName
        settings.anchors[0].authentication = GatewayPair.secondKey
        return settings
    }

    // MARK: What happens

    package mutating func starts(_ index: Int) {
        tell(index, .request(.start))
        for (number, address) in gateways[index].addresses.enumerated() {
            tell(index, .wanChanged("wan\(number + 1)", .up(careOfAddress: address)))
        }
    }

    /// It dies without a word, and another one begins with nothing.
    package mutating func restarts(_ index: Int, _ settings: GatewaySettings, seed: UInt64 = 90) {
        gateways[index].engine = MobileAccessGateway(settings, seed: seed)
        gateways[index].ledger = Ledger()
        starts(index)
    }

    package mutating func anchorRestarts(_ settings: AnchorSettings) {
        anchor = LocalMobilityAnchor(settings, seed: 91)
        atAnchor = Ledger()
    }

    /// On the gateway's access link, with the interface of this number; 0: nobody knows its address.
    package mutating func attach(
        _ node: NodeIdentifier = laptop,
        to index: Int,
        _ handoff: HandoffIndicator = .attachmentOverNewInterface,
        interface: UInt8 = 1
    ) {
        let address = interface == 0 ? nil : LinkLayerAddress(octets: [2, 0, 0, 0, 0, interface])
        let attachment = MobileNodeAttachment(identifier: node, linkLayerAddress: address, handoff: handoff)
        tell(index, .mobileNodeAttached(attachment))
    }

    package mutating func detach(_ node: NodeIdentifier = laptop, from index: Int) {
        tell(index, .mobileNodeDetached(node))
    }

    /// Nothing gets to or from the gateway any more, or again.
    package mutating func isolate(_ index: Int, _ isAlone: Bool = true) {
        gateways[index].network.dead = isAlone ? Set(gateways[index].addresses) : []
    }

    package mutating func tell(_ index: Int, _ event: MobileAccessGateway.Event) {
        for action in gateways[index].engine.handle(event, at: moment) {
            gateways[index].ledger.enter(action)
            note(action, at: index)
            guard case .send(let datagram) = action else { continue }
            note(datagram, from: index)
            gateways[index].network.carry(datagram, .toAnchor, at: now)
        }
    }

    package mutating func tellAnchor(_ event: LocalMobilityAnchor.Event) {
        for action in anchor.handle(event, at: moment) {
            atAnchor.enter(action)
            guard case .send(let datagram) = action else { continue }
            note(datagram, from: nil)
            let index =
                gateways.firstIndex { $0.addresses.contains(datagram.destination) }
                ?? gateways.firstIndex { $0.network.leads(to: datagram.destination) }
            if let index { gateways[index].network.carry(datagram, .toGateway, at: now) }
        }
    }

    private var moment: Moment { Moment(instant: now, timestamp: epoch + (now - Instant.zero)) }

    private mutating func note(_ datagram: Datagram, from index: Int?) {
        guard !datagram.octets.isEmpty, let header = try? MobilityHeader(decoding: datagram.octets) else { return }
        sent.append(Sent(at: now, gateway: index, datagram: datagram, message: header.message))
    }

    private mutating func note(_ action: Action, at index: Int) {
        switch action {
        case .serve(let service):
            served.append(Served(at: now, gateway: index, node: service.identifier, service: service))
        case .stopServing(let node, _): served.append(Served(at: now, gateway: index, node: node, service: nil))
        case .send, .forward, .network, .store, .report, .resolve: break
        }
    }

    /// Everything due until then happens, in order.
    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        for _ in 0..<100_000 {
            let deadlines = gateways.map(\.engine.nextDeadline) + gateways.map(\.network.nextArrival)
            guard let next = (deadlines + [anchor.nextDeadline]).compactMap(\.self).min(), next <= end else { break }
            now = max(now, next)
            for index in gateways.indices { deliver(index) }
            for index in gateways.indices {
                if let deadline = gateways[index].engine.nextDeadline, deadline <= now { tell(index, .deadline) }
            }
            if let deadline = anchor.nextDeadline, deadline <= now { tellAnchor(.deadline) }
        }
        now = end
    }

    private mutating func deliver(_ index: Int) {
        for delivery in gateways[index].network.arrivals(until: now) {
            switch delivery.direction {
            case .toAnchor: tellAnchor(.received(delivery.datagram))
            case .toGateway: tell(index, .received(delivery.datagram))
            }
        }
    }

    // MARK: What was said

    package mutating func forgetMessages() {
        sent = []
        served = []
    }

    /// The gateway's updates, of one node or all.
    package func updates(of index: Int, _ node: NodeIdentifier? = nil) -> [BindingUpdate] {
        sent.compactMap {
            guard $0.gateway == index, case .bindingUpdate(let update) = $0.message else { return nil }
            let named = update.options.first(MobileNodeIdentifier.self)?.identifier
            return node == nil || node == named ? update : nil
        }
    }

    package var indications: [BindingRevocationIndication] {
        sent.compactMap {
            guard case .bindingRevocationIndication(let indication) = $0.message else { return nil }
            return indication
        }
    }

    /// What the gateway serves the node with.
    package func service(at index: Int, _ node: NodeIdentifier = laptop) -> MobileNodeService? {
        gateways[index].ledger.services[node]
    }

    /// The gateways to which the anchor forwards the node's packets, each with its Binding IDs.
    package func paths(of node: NodeIdentifier = laptop) -> [Int: [UInt8]] {
        var paths: [Int: [UInt8]] = [:]
        for (path, description) in atAnchor.paths where path.session.mobileNode == node {
            guard let index = gateways.firstIndex(where: { $0.addresses.contains(description.remoteAddress) }) else {
                continue
            }
            paths[index, default: []].append(path.binding?.rawValue ?? 0)
        }
        return paths.mapValues { $0.sorted() }
    }

    package var faults: [String] { atAnchor.faults + gateways.flatMap(\.ledger.faults) }
}
