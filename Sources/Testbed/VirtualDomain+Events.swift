// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What happens in a domain.
extension VirtualDomain {
    package mutating func apply(_ event: DomainEvent) {
        note(event)
        switch event {
        case .start(let gateway): tell(gateway, .request(.start))
        case .stop(let gateway): tell(gateway, .request(.stop))
        case .restart(let gateway, let node): restart(gateway, serving: DomainPlan.node(node))
        case .linkUp(let gateway, let wan, let address):
            linkUp(gateway, DomainPlan.wan(wan), DomainPlan.address(gateway, wan, address))
        case .linkDown(let gateway, let wan):
            gateways[gateway].addresses[DomainPlan.wan(wan)] = nil
            tell(gateway, .wanChanged(DomainPlan.wan(wan), .down))
        case .rebind(let gateway, let wan, let isMoving): rebind(gateway, DomainPlan.wan(wan), isMoving: isMoving)
        case .silence(let gateway, let wan, let isDead):
            if isDead {
                gateways[gateway].network.deadWANs.insert(DomainPlan.wan(wan))
            } else {
                gateways[gateway].network.deadWANs.remove(DomainPlan.wan(wan))
            }
        case .condition(let gateway, let wan, let isAlive):
            let path = gateways[gateway].ledger.paths.first { $0.value.wan == DomainPlan.wan(wan) }?.key
            if let path { tell(gateway, .pathCondition(path, isAlive ? .alive : .silent)) }
        case .skew(let gateway, let milliseconds): gateways[gateway].clockAhead = .milliseconds(milliseconds)
        case .anchorRestart(let anchor): anchors[anchor].beginsAnew(seed: nextSeed())
        case .anchorCrash(let anchor): comeBack(anchor)
        case .anchorDeath(let anchor): anchors[anchor].isDead = true
        case .isolation(let anchor, let isAlone): anchors[anchor].isAlone = isAlone
        case .removeSession, .revoke, .notify: command(event)
        case .weather(let loss, let duplication, let jitter):
            for index in gateways.indices {
                gateways[index].network.weather = Weather(
                    loss: loss,
                    duplication: duplication,
                    jitter: .milliseconds(jitter),
                    seed: nextSeed()
                )
            }
        case .pass(let milliseconds): passes(.milliseconds(milliseconds))
        case .sleep(let gateway, let milliseconds): sleep(gateway, .milliseconds(milliseconds))
        }
    }

    /// What an anchor's operator wants.
    private mutating func command(_ event: DomainEvent) {
        switch event {
        case .removeSession(let anchor, let node) where !anchors[anchor].isDead:
            let session = SessionIdentifier(mobileNode: DomainPlan.node(node))
            let prefixes = anchors[anchor].ledger.sessions[session]?.prefixes ?? []
            anchors[anchor].model.administratorRemoved(session.mobileNode, prefixes)
            tellAnchor(anchor, .request(.removeSession(session)))
        case .revoke(let anchor, let target) where !anchors[anchor].isDead:
            anchors[anchor].model.administratorRevoked(target, at: now)
            guard let meant = target.meant else { return }
            tellAnchor(anchor, .request(.revoke(meant)))
        case .notify(let anchor, let gateway, let isAcknowledged):
            let target = NotificationTarget.gateway(DomainPlan.name(gateway))
            tellAnchor(
                anchor,
                .request(.notify(target, .forceReregistration, isAcknowledgementRequested: isAcknowledged))
            )
        default: break
        }
    }

    private mutating func linkUp(_ gateway: Int, _ wan: String, _ careOf: IPAddress) {
        // An address may be another's later, but not at the same time.
        let isTaken = gateways.contains { $0.has(careOf) }
        guard !isTaken || DomainPlan.isPrivate(careOf) else { return }
        gateways[gateway].addresses[wan] = careOf
        tell(gateway, .wanChanged(wan, .up(careOfAddress: careOf)))
    }

    private mutating func restart(_ gateway: Int, serving node: NodeIdentifier) {
        gateways[gateway].beginsAnew(serving: node, seed: nextSeed())
        for (wan, address) in gateways[gateway].addresses.sorted(by: { $0.key < $1.key }) {
            tell(gateway, .wanChanged(wan, .up(careOfAddress: address)))
        }
        tell(gateway, .request(.start))
    }

    mutating func comeBack(_ anchor: Int) {
        let actions = anchors[anchor].comesBack(seed: nextSeed(), at: anchorMoment)
        anchorPerforms(anchor, actions, isDue: false)
    }

    private mutating func rebind(_ gateway: Int, _ wan: String, isMoving: Bool) {
        guard let old = gateways[gateway].network.translators[wan]?.outerAddress else { return }
        let next = isMoving ? DomainPlan.otherOuterAddress(than: old) : old
        gateways[gateway].network.translators[wan]?.rebinds(to: next)
    }

    private mutating func sleep(_ gateway: Int?, _ duration: Duration) {
        asleep = gateway.map { .gateway($0) } ?? .anchors
        passes(duration)
        asleep = nil
        guard gateway == nil else { return }
        for index in anchors.indices { anchors[index].model.anchorSlept(for: duration) }
    }
}

extension DomainEvent.Target {
    /// nil: there is no such binding.
    var meant: RevocationTarget? {
        switch self {
        case .node(let node): .mobileNode(DomainPlan.node(node))
        case .binding(let binding, let node):
            BindingIdentifier(rawValue: binding).map { .binding($0, of: DomainPlan.node(node)) }
        case .homeAddress(let node): .homeAddress(of: DomainPlan.node(node))
        case .gateway(let gateway): .gateway(DomainPlan.name(gateway))
        case .realm: .realm(DomainPlan.realm)
        case .everything: .everything
        }
    }
}
