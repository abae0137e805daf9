// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// An anchor and three gateways, any of which may serve any of three nodes, in virtual time. Whatever happens, what
/// must hold is looked at after every turn of every engine; `faults` has what did not.
package struct VirtualDomain: Sendable {
    package static let gatewayCount = 3
    package static let wanCount = 2
    package static let nodeCount = 3

    package var anchor: LocalMobilityAnchor
    package private(set) var anchorSettings: AnchorSettings
    package var gateways: [DomainGateway]
    package var anchorLedger = Ledger()
    package private(set) var now = Instant(nanoseconds: 1_000_000_000)
    package var faults: [String] = []
    /// Every message, if somebody wants to read it.
    package var listens = false
    package private(set) var heard: [String] = []
    var model: RegistrationModel
    private var anchorPace = Pace()
    /// Gets nothing, and notices no deadline.
    private var asleep: Sleeper?
    private var seed: UInt64
    private let epoch = Timestamp(seconds: 1_700_000_000)

    private enum Sleeper: Equatable, Sendable {
        case anchor
        case gateway(Int)
    }

    package init(seed: UInt64) {
        self.seed = seed
        anchorSettings = DomainPlan.anchor
        anchor = LocalMobilityAnchor(DomainPlan.anchor, seed: seed)
        model = RegistrationModel(grace: DomainPlan.anchor.minDelayBeforeBindingCacheEntryDelete)
        gateways = (0..<Self.gatewayCount).map { number in
            DomainGateway(DomainPlan.gateway(number), network: DomainPlan.network(number), seed: seed &+ UInt64(number))
        }
    }

    package var anchorMoment: Moment { Moment(instant: now, timestamp: epoch + (now - Instant.zero)) }

    private func moment(of gateway: Int) -> Moment {
        Moment(instant: now, timestamp: anchorMoment.timestamp + gateways[gateway].clockAhead)
    }

    private mutating func nextSeed() -> UInt64 {
        seed &+= 1_000_003
        return seed
    }

    // MARK: What happens

    package mutating func apply(_ event: DomainEvent) {
        if listens { heard.append("\(now.nanoseconds / 1_000_000) ms: \(event.text)") }
        switch event {
        case .start(let gateway): tell(gateway, .request(.start))
        case .stop(let gateway): tell(gateway, .request(.stop))
        case .restart(let gateway, let node): restart(gateway, serving: DomainPlan.node(node))
        case .linkUp(let gateway, let wan, let address):
            let careOf = DomainPlan.address(gateway, wan, address)
            // An address may be another's later, but not at the same time.
            let isTaken = gateways.contains { $0.has(careOf) }
            guard !isTaken || DomainPlan.isPrivate(careOf) else { return }
            gateways[gateway].addresses[DomainPlan.wan(wan)] = careOf
            tell(gateway, .wanChanged(DomainPlan.wan(wan), .up(careOfAddress: careOf)))
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
        case .anchorRestart: restartAnchor()
        case .removeSession(let node):
            let session = SessionIdentifier(mobileNode: DomainPlan.node(node))
            model.administratorRemoved(session.mobileNode, anchorLedger.sessions[session]?.prefixes ?? [])
            tellAnchor(.request(.removeSession(session)))
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
        case .sleep(let gateway, let milliseconds):
            asleep = gateway.map { .gateway($0) } ?? .anchor
            passes(.milliseconds(milliseconds))
            asleep = nil
        }
    }

    private mutating func restart(_ gateway: Int, serving node: NodeIdentifier) {
        gateways[gateway].beginsAnew(serving: node, seed: nextSeed())
        for (wan, address) in gateways[gateway].addresses.sorted(by: { $0.key < $1.key }) {
            tell(gateway, .wanChanged(wan, .up(careOfAddress: address)))
        }
        tell(gateway, .request(.start))
    }

    private mutating func restartAnchor() {
        anchorSettings.restartCounter += 1
        anchor = LocalMobilityAnchor(anchorSettings, seed: nextSeed())
        anchorLedger = Ledger()
        model = RegistrationModel(grace: anchorSettings.minDelayBeforeBindingCacheEntryDelete)
    }

    private mutating func rebind(_ gateway: Int, _ wan: String, isMoving: Bool) {
        guard let old = gateways[gateway].network.translators[wan]?.outerAddress else { return }
        let next = isMoving ? DomainPlan.otherOuterAddress(than: old) : old
        gateways[gateway].network.translators[wan]?.rebinds(to: next)
    }

    // MARK: Time

    /// Everything due until then happens, in order.
    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        while faults.isEmpty {
            guard let next = nextEvent, next <= end else { break }
            now = max(now, next)
            for index in gateways.indices { deliver(index) }
            for index in gateways.indices where asleep != .gateway(index) {
                if let deadline = gateways[index].engine.nextDeadline, deadline <= now { tell(index, .deadline) }
            }
            if asleep != .anchor, let deadline = anchor.nextDeadline, deadline <= now { tellAnchor(.deadline) }
        }
        now = end
    }

    private var nextEvent: Instant? {
        let deadlines = gateways.indices.map { asleep == .gateway($0) ? nil : gateways[$0].engine.nextDeadline }
        let arrivals = gateways.map(\.network.nextArrival)
        return (deadlines + arrivals + [asleep == .anchor ? nil : anchor.nextDeadline]).compactMap(\.self).min()
    }

    private mutating func deliver(_ index: Int) {
        for delivery in gateways[index].network.arrivals(until: now) {
            let datagram = delivery.datagram
            switch delivery.direction {
            case .toAnchor:
                guard asleep != .anchor else { continue }
                tellAnchor(.received(datagram), from: index)
            case .toGateway:
                // The address may have gone while the message was under way.
                guard asleep != .gateway(index), let wan = datagram.wan,
                    gateways[index].addresses[wan] == datagram.destination
                else { continue }
                tell(index, .received(datagram))
            }
        }
    }

    // MARK: Turns

    package mutating func tell(_ index: Int, _ event: MobileAccessGateway.Event) {
        let isDue = event == .deadline
        let actions = gateways[index].engine.handle(event, at: moment(of: index))
        var sent = 0
        for action in actions {
            gateways[index].ledger.enter(action)
            guard case .send(let datagram) = action else { continue }
            sent += 1
            note(datagram, "gateway \(index)")
            if let wan = datagram.wan, gateways[index].addresses[wan] != datagram.source {
                faults.append("gateway \(index) sends from \(datagram.source), which \(wan) does not have")
            }
            gateways[index].network.carry(datagram, .toAnchor, at: now)
        }
        if let fault = gateways[index].pace.turned(dueToDeadline: isDue, sending: sent, at: now) {
            faults.append("gateway \(index): \(fault)")
        }
        if isDue, let next = gateways[index].engine.nextDeadline, next <= now {
            faults.append("gateway \(index): a deadline is due again at once")
        }
        inspect(gateway: index)
    }

    package mutating func tellAnchor(_ event: LocalMobilityAnchor.Event, from gateway: Int? = nil) {
        let isDue = event == .deadline
        if case .received(let datagram) = event, let gateway, let message = Self.message(in: datagram),
            case .bindingUpdate(let update) = message
        {
            model.anchorGot(update, in: datagram, from: gateway)
        }
        // What is due is there until the deadline is heard of.
        if isDue { model.settle(at: now) }
        let actions = anchor.handle(event, at: anchorMoment)
        var concerned: [IPPrefix] = []
        var sent = 0
        for action in actions {
            if case .report(.bindingRemoved(let path, _)) = action {
                concerned = anchorLedger.sessions[path.session]?.prefixes ?? concerned
            }
            anchorLedger.enter(action)
            switch action {
            case .send(let datagram):
                sent += 1
                anchorSends(datagram)
            case .report(let notice): model.anchorSaid(notice, of: concerned, at: now)
            case .forward, .network, .resolve, .store: break
            }
        }
        if isDue { model.settle(at: now) }
        if let fault = anchorPace.turned(dueToDeadline: isDue, sending: sent, at: now) {
            faults.append("anchor: \(fault)")
        }
        if isDue, let next = anchor.nextDeadline, next <= now {
            faults.append("anchor: a deadline is due again at once")
        }
        inspectAnchor()
    }

    private mutating func anchorSends(_ datagram: Datagram) {
        note(datagram, "anchor")
        if case .bindingAcknowledgement(let reply) = Self.message(in: datagram),
            let fault = model.anchorSent(reply, in: datagram, at: now)
        {
            faults.append(fault)
        }
        let owner = gateways.firstIndex { $0.has(datagram.destination) }
        guard let index = owner ?? gateways.firstIndex(where: { $0.network.leads(to: datagram.destination) })
        else { return }
        gateways[index].network.carry(datagram, .toGateway, at: now)
    }

    private static func message(in datagram: Datagram) -> MobilityMessage? {
        guard !datagram.octets.isEmpty else { return nil }
        do throws(DecodeError) { return try MobilityHeader(decoding: datagram.octets).message } catch { return nil }
    }

    private mutating func note(_ datagram: Datagram, _ sender: String) {
        guard listens, let message = Self.message(in: datagram) else { return }
        heard.append("\(now.nanoseconds / 1_000_000) ms \(sender) to \(datagram.destination): \(message.gist)")
    }
}

extension MobilityMessage {
    /// What of it decides what becomes of bindings.
    fileprivate var gist: String {
        let path = options.first(MAGMultipathBinding.self).map {
            " BID \($0.bindingIdentifier)\($0.isOverwrite ? " O" : "")\($0.isBulkReregistration ? " B" : "")"
        }
        let handoff = options.first(HandoffIndicator.self).map { " HI \($0)" }
        let counter = options.first(RestartCounter.self).map { " counter \($0.counter)" }
        let prefixes = options.all(HomeNetworkPrefix.self).map { " \($0.prefix.map(\.description) ?? "any")" }
        let status: String
        switch self {
        case .bindingUpdate(let update): status = " \(update.lifetime.duration)"
        case .bindingAcknowledgement(let reply): status = " \(reply.status) \(reply.lifetime.duration)"
        default: status = ""
        }
        return name + status + (path ?? "") + (handoff ?? "") + (counter ?? "") + prefixes.joined()
    }
}
