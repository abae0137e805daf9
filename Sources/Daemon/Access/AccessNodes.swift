// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// The mobile nodes on one access link, joined to its frames and to what the kernel does for them. Belongs to the control
/// plane's thread.
final class AccessNodes {
    /// What the engine has to know.
    enum News {
        case attached(MobileNodeAttachment)
        case detached(NodeIdentifier)
        case homeAddressReleased(NodeIdentifier)
        case homeAddressWanted(NodeIdentifier)
    }

    /// What the kernel has for a node.
    private struct Held {
        var linkLocalAddress: IPv6Address?
        var neighbors: [IPAddress] = []
    }

    let link: LinkState
    private let sockets: [NeighborSocket]
    private let borrowed: BorrowedLink
    private let relay: DHCPRelayLink?
    private let reactor: Reactor
    private let logger: Logger
    private var nodes: AccessLinkNodes
    private var alarm: Alarm?
    private var held: [NodeIdentifier: Held] = [:]
    /// Called for each, in order; not from within `handle`.
    var heard: ([News]) -> Void = { _ in }

    init(
        _ configuration: AccessLinkConfiguration,
        _ nodes: [AccessNodeConfiguration],
        on link: LinkState,
        _ journal: Journal,
        _ relay: DHCPRelayLink?,
        _ reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.link = link
        self.relay = relay
        self.reactor = reactor
        self.logger = logger
        borrowed = try BorrowedLink(
            link,
            hasFixedAddress: configuration.hasFixedLinkLayerAddress,
            journal,
            netlink: try NetlinkSocket()
        )
        let settings = AccessLinkSettings(
            configuration,
            nodes,
            linkLayerAddress: borrowed.linkLayerAddress,
            seed: .random(in: .min ... .max)
        )
        self.nodes = AccessLinkNodes(settings)
        do throws(SystemError) {
            sockets = [
                try NeighborSocket(.arp, device: link.name), try NeighborSocket(.discovery, device: link.name),
                try NeighborSocket(.dhcp, device: link.name),
            ]
        } catch {
            borrowed.giveBack(logger: logger)
            throw error
        }
    }

    func start() throws(SystemError) {
        alarm = reactor.makeAlarm { [unowned self] in self.turn([.deadline]) }
        try borrowed.hold(AccessLinkNodes.fixedLinkLocalAddress)
        for socket in sockets {
            try reactor.watch(socket.fd) { [unowned self, unowned socket] in
                self.turn(socket.receive().map { .received($0) })
            }
        }
    }

    func stop() {
        turn([.stop])
        for socket in sockets { reactor.unwatch(socket.fd) }
        alarm?.cancel()
        alarm = nil
        borrowed.giveBack(logger: logger)
    }

    /// What the kernel took away while the link was down.
    func restore() throws(SystemError) { try borrowed.restore() }

    /// Who is there, served or not.
    var identifiers: [NodeIdentifier] { nodes.identifiers }

    func turn(_ events: [AccessLinkNodes.Event]) {
        var news: [News] = []
        for event in events {
            for action in nodes.handle(event, at: SystemClock.now()) {
                switch action {
                case .attached(let attachment): news.append(.attached(attachment))
                case .detached(let identifier): news.append(.detached(identifier))
                case .homeAddressReleased(let identifier): news.append(.homeAddressReleased(identifier))
                case .homeAddressWanted(let identifier): news.append(.homeAddressWanted(identifier))
                case .send(let frame): send(frame)
                case .relay(let message, let server): relay?.send(message, to: server)
                case .mismatched(let mismatch): logger.error("\(mismatch.text)")
                }
            }
        }
        alarm?.set(at: nodes.nextDeadline)
        if !news.isEmpty { heard(news) }
    }

    var counters: AccessLinkNodes.Counters { nodes.counters }

    /// nil if the node is not here.
    func linkLayerAddress(of identifier: NodeIdentifier) -> LinkLayerAddress? { nodes.linkLayerAddress(of: identifier) }

    func serve(_ service: MobileNodeService) {
        guard let address = linkLayerAddress(of: service.identifier) else { return }
        logger.attempt(orSayAt: .debug) { () throws(SystemError) in try self.hold(service, at: address) }
        turn([.serve(service)])
    }

    func stopServing(_ identifier: NodeIdentifier, isElsewhere: Bool) {
        turn([.stopServing(identifier, isElsewhere: isElsewhere)])
        logger.attempt(orSayAt: .debug) { () throws(SystemError) in try self.release(identifier) }
    }

    private func hold(_ service: MobileNodeService, at address: LinkLayerAddress) throws(SystemError) {
        var new = Held(linkLocalAddress: service.linkLocalAddress)
        if !service.homeNetworkPrefixes.isEmpty { new.neighbors.append(.v6(NodeRoutes.hop(to: address))) }
        if let home = service.homeAddress { new.neighbors.append(.v4(home.address)) }
        let old = held.updateValue(new, forKey: service.identifier)
        if let own = new.linkLocalAddress { try borrowed.hold(own) }
        for neighbor in new.neighbors { try borrowed.addNeighbor(neighbor, at: address) }
        guard let old else { return }
        if let own = old.linkLocalAddress { try borrowed.release(own) }
        for neighbor in old.neighbors where !new.neighbors.contains(neighbor) { try borrowed.removeNeighbor(neighbor) }
    }

    private func release(_ identifier: NodeIdentifier) throws(SystemError) {
        guard let old = held.removeValue(forKey: identifier) else { return }
        if let own = old.linkLocalAddress { try borrowed.release(own) }
        for neighbor in old.neighbors { try borrowed.removeNeighbor(neighbor) }
    }

    private func send(_ frame: [UInt8]) {
        // Any of them sends what it is given; and whoever asked asks again.
        logger.attempt(orSayAt: .debug) { () throws(SystemError) in try self.sockets.first?.send(frame) }
    }
}

extension AddressMismatch {
    /// For an operator, who has to bring server and anchor together.
    fileprivate var text: String {
        let said =
            switch speaker {
            case .node: "\(node) asks by DHCP for \(address)"
            case .server: "the DHCP server gives \(node) \(address)"
            }
        let more = untold == 0 ? "" : " (\(untold) more of the kind since the last such line)"
        return "\(said), its IPv4 home address is \(homeAddress): not relayed\(more)"
    }
}
