// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What must hold when nothing has happened for long, and when all is over.
extension VirtualDomain {
    /// A whole life: what happens, then quiet, then the end. What was wrong, if anything was.
    package static func faults(
        of events: [DomainEvent],
        in variant: DomainVariant? = nil,
        seed: UInt64
    ) -> [String] {
        var domain = VirtualDomain(variant ?? .random(seed: seed), seed: seed)
        domain.lives(through: events)
        return domain.faults
    }

    /// The same life with every word that was said, for who looks for the reason.
    package static func story(of events: [DomainEvent], seed: UInt64) -> [String] {
        var domain = VirtualDomain(.random(seed: seed), seed: seed)
        domain.listens = true
        domain.lives(through: events)
        return domain.heard + domain.faults
    }

    private mutating func lives(through events: [DomainEvent]) {
        for event in events where faults.isEmpty { apply(event) }
        let ending: [(inout VirtualDomain) -> Void] = [{ $0.quietens() }, { $0.inspectAgreement() }, { $0.ends() }]
        for step in ending where faults.isEmpty { step(&self) }
    }

    /// The events without those that the fault does not need.
    package static func shrunk(_ events: [DomainEvent], seed: UInt64) -> [DomainEvent] {
        events.shrunk { !faults(of: $0, seed: seed).isEmpty }
    }

    /// Every network works, each node is one gateway's, and all lifetimes and times of holding down pass.
    private mutating func quietens() {
        for index in anchors.indices {
            anchors[index].isAlone = false
            if anchors[index].isDead { comeBack(index) }
        }
        for index in gateways.indices {
            gateways[index].network.weather = nil
            gateways[index].network.deadWANs = []
        }
        for index in gateways.indices.reversed() where !gateways[index].engine.isStopped {
            let node = gateways[index].settings.mobileNode
            let isShared = gateways[..<index].contains { !$0.engine.isStopped && $0.settings.mobileNode == node }
            if isShared { tell(index, .request(.stop)) }
        }
        for _ in 0..<80 where faults.isEmpty {
            passes(.seconds(10))
            for index in gateways.indices {
                for path in gateways[index].ledger.paths.keys.sorted(by: { $0.description < $1.description }) {
                    tell(index, .pathCondition(path, .alive))
                }
            }
        }
    }

    /// Both ends say the same, and no anchor has what a gateway has gone away with.
    private mutating func inspectAgreement() {
        let serving = gateways.filter { !$0.engine.isStopped && !$0.addresses.isEmpty }
        for index in anchors.indices {
            let own = serving.filter { $0.engine.snapshot.anchor == DomainPlan.anchorName(index) }
            let nodes = own.compactMap(\.settings.mobileNode?.description)
            let held = anchors[index].ledger.sessions.keys.map(\.mobileNode.description)
            if held.sorted() != nodes.sorted() {
                faults.append("in quiet anchor \(index) has \(held.sorted()), its gateways \(nodes.sorted())")
            }
            for gateway in own { compare(gateway, with: anchors[index].ledger) }
        }
    }

    private mutating func compare(_ gateway: DomainGateway, with ledger: Ledger) {
        let name = gateway.settings.identifier
        let own = gateway.settings.mobileNode.flatMap { gateway.ledger.sessions[SessionIdentifier(mobileNode: $0)] }
        // The anchor may have numbered it otherwise: a node may have had another attachment.
        var theirs = ledger.sessions.values.first { Set($0.prefixes) == Set(own?.prefixes ?? []) }
        let paths = ledger.paths.filter { $0.key.session == theirs?.identifier }
        theirs?.identifier.number = 0
        // An end that has come back numbers its packets from further on.
        if let own { theirs?.firstSequence = own.firstSequence }
        if own == nil || own != theirs { faults.append("in quiet \(name) and the anchor have other prefixes or keys") }
        let count = gateway.settings.isMultipathWanted ? gateway.addresses.count : 1
        if Set(paths.keys.map(\.binding)) != Set(gateway.ledger.paths.keys.map(\.binding)) || paths.count != count {
            let own = gateway.ledger.paths.keys
            faults.append("in quiet \(name) has paths \(own), the anchor \(paths.keys), expected \(count)")
        }
        for path in gateway.ledger.paths.values {
            let other = paths.values.first { $0.identifier.binding == path.identifier.binding }
            if other?.encapsulation != path.encapsulation {
                faults.append("in quiet \(path.identifier) has other encapsulations at its ends")
            }
            if DomainPlan.isPrivate(path.localAddress), !path.encapsulation.isUDP {
                faults.append("in quiet \(path.identifier) has a tunnel that its translator does not let through")
            }
        }
    }

    /// Everybody leaves; then nothing is left, and the pools are full.
    private mutating func ends() {
        for index in gateways.indices { tell(index, .request(.stop)) }
        passes(.seconds(30))
        guard faults.isEmpty else { return }
        for (index, anchor) in anchors.enumerated() {
            let isIdle = anchor.engine.snapshot.sessions.isEmpty && anchor.engine.nextDeadline == nil
            if !anchor.ledger.isEmpty || !isIdle {
                faults.append("all have left, but anchor \(index) keeps something")
            }
        }
        for gateway in gateways where !gateway.engine.isStopped {
            faults.append("\(gateway.settings.identifier) does not come to its end")
        }
        for index in anchors.indices { countPools(of: index) }
    }

    /// As many nodes as there are prefixes find one each.
    private mutating func countPools(of index: Int) {
        for (number, node) in DomainPlan.spares.enumerated() {
            passes(.milliseconds(1))
            var update = HandmadeUpdate()
            update.source = ExampleDomain.address("2001:db8:c::\(number + 1)")
            update.destination = DomainPlan.anchorAddresses(index)[0]
            update.mobileNode = node
            update.gateway = DomainPlan.name(0)
            update.authentication = .sharedKey(DomainPlan.association(0))
            update.further = [
                DelegatedMobileNetworkPrefix.requestIPv6, DelegatedMobileNetworkPrefix.requestIPv4,
                IPv4HomeAddressRequest.allocation,
            ]
            tellAnchor(index, .received(update.datagram(at: anchorMoment.timestamp)), from: 0)
        }
        let sessions = anchors[index].engine.snapshot.sessions
        if sessions.count != DomainPlan.poolSize || sessions.flatMap(\.prefixes).count != 4 * DomainPlan.poolSize {
            faults.append("only \(sessions.count) of \(DomainPlan.poolSize) find prefixes at anchor \(index)")
        }
    }
}
