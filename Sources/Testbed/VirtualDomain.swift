// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// Two anchors and three gateways, any of which may serve any of three nodes, in virtual time. Whatever happens, what
/// must hold is looked at after every turn of every engine; `faults` has what did not.
package struct VirtualDomain: Sendable {
    package static let anchorCount = 2
    package static let gatewayCount = 3
    package static let wanCount = 2
    package static let nodeCount = 3

    package var anchors: [DomainAnchor]
    package var gateways: [DomainGateway]
    package private(set) var now = Instant(nanoseconds: 1_000_000_000)
    package var faults: [String] = []
    /// Every message, if somebody wants to read it.
    package var listens = false
    package private(set) var heard: [String] = []
    /// Gets nothing, and notices no deadline.
    var asleep: Sleeper?
    private var letters: [Letter] = []
    /// The gateway whose message an anchor is just handling.
    private var asking: Int?
    private var seed: UInt64
    private let epoch = Timestamp(seconds: 1_700_000_000)

    /// From one anchor to another, in the name of a gateway.
    private struct Letter: Sendable {
        var at: Instant
        var anchor: Int
        var datagram: Datagram
        var gateway: Int?
    }

    enum Sleeper: Equatable, Sendable {
        case anchors
        case gateway(Int)
    }

    package init(_ variant: DomainVariant = DomainVariant(), seed: UInt64) {
        self.seed = seed
        anchors = (0..<Self.anchorCount).map { number in
            DomainAnchor(DomainPlan.anchor(number, variant), seed: seed &+ UInt64(100 * number))
        }
        gateways = (0..<Self.gatewayCount).map { number in
            DomainGateway(
                DomainPlan.gateway(number, variant),
                network: DomainPlan.network(number),
                seed: seed &+ UInt64(number)
            )
        }
    }

    package var anchorMoment: Moment { Moment(instant: now, timestamp: epoch + (now - Instant.zero)) }

    private func moment(of gateway: Int) -> Moment {
        Moment(instant: now, timestamp: anchorMoment.timestamp + gateways[gateway].clockAhead)
    }

    mutating func nextSeed() -> UInt64 {
        seed &+= 1_000_003
        return seed
    }

    // MARK: Time

    /// Everything due until then happens, in order.
    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        while faults.isEmpty {
            guard let next = nextEvent, next <= end else { break }
            now = max(now, next)
            for index in gateways.indices { deliver(index) }
            deliverLetters()
            for index in gateways.indices where asleep != .gateway(index) {
                if let deadline = gateways[index].engine.nextDeadline, deadline <= now { tell(index, .deadline) }
            }
            for index in anchors.indices where isAwake(index) {
                if let deadline = anchors[index].engine.nextDeadline, deadline <= now { tellAnchor(index, .deadline) }
            }
        }
        now = end
    }

    private func isAwake(_ anchor: Int) -> Bool { asleep != .anchors && !anchors[anchor].isDead }

    private var nextEvent: Instant? {
        let own = gateways.indices.map { asleep == .gateway($0) ? nil : gateways[$0].engine.nextDeadline }
        let theirs = anchors.indices.map { isAwake($0) ? anchors[$0].engine.nextDeadline : nil }
        let arrivals = gateways.map(\.network.nextArrival) + [letters.map(\.at).min()]
        return (own + theirs + arrivals).compactMap(\.self).min()
    }

    private mutating func deliverLetters() {
        let due = letters.filter { $0.at <= now }
        letters.removeAll { $0.at <= now }
        for letter in due where isAwake(letter.anchor) && !anchors[letter.anchor].isAlone {
            tellAnchor(letter.anchor, .received(letter.datagram), from: letter.gateway)
        }
    }

    private func anchor(at address: IPAddress) -> Int? {
        anchors.firstIndex { $0.settings.addresses.contains(address) }
    }

    private mutating func deliver(_ index: Int) {
        for delivery in gateways[index].network.arrivals(until: now) {
            let datagram = delivery.datagram
            switch delivery.direction {
            case .toAnchor:
                guard let anchor = anchor(at: datagram.destination), isAwake(anchor), !anchors[anchor].isAlone else {
                    continue
                }
                tellAnchor(anchor, .received(datagram), from: index)
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
        let heard = Self.message(in: event)
        gateways[index].hears(event, heard)
        let actions = gateways[index].engine.handle(event, at: moment(of: index))
        var sent = 0
        for action in actions {
            gateways[index].ledger.enter(action)
            guard case .send(let datagram) = action else { continue }
            sent += 1
            gatewaySends(index, datagram, after: heard)
        }
        if let fault = gateways[index].pace.turned(dueToDeadline: isDue, sending: sent, at: now) {
            faults.append("gateway \(index): \(fault)")
        }
        if isDue, let next = gateways[index].engine.nextDeadline, next <= now {
            faults.append("gateway \(index): a deadline is due again at once")
        }
        inspect(gateway: index)
    }

    private mutating func gatewaySends(_ index: Int, _ datagram: Datagram, after heard: MobilityMessage?) {
        note(datagram, "gateway \(index)")
        if let wan = datagram.wan, gateways[index].addresses[wan] != datagram.source {
            faults.append("gateway \(index) sends from \(datagram.source), which \(wan) does not have")
        }
        if let message = Self.message(in: datagram),
            let fault = gateways[index].says(message, on: datagram.wan, after: heard, at: now)
        {
            faults.append("gateway \(index): \(fault)")
        }
        gateways[index].network.carry(datagram, .toAnchor, at: now)
    }

    package mutating func tellAnchor(_ index: Int, _ event: LocalMobilityAnchor.Event, from gateway: Int? = nil) {
        guard !anchors[index].isDead else { return }
        asking = gateway
        defer { asking = nil }
        let isDue = event == .deadline
        if case .received(let datagram) = event, let gateway, let message = Self.message(in: datagram),
            case .bindingUpdate(let update) = message
        {
            anchors[index].model.anchorGot(update, in: datagram, from: gateway)
        }
        // What is due is there until the deadline is heard of.
        if isDue { anchors[index].model.settle(at: now) }
        anchorPerforms(index, anchors[index].engine.handle(event, at: anchorMoment), isDue: isDue)
    }

    mutating func anchorPerforms(_ index: Int, _ actions: [Action], isDue: Bool) {
        var concerned: [IPPrefix] = []
        var sent = 0
        for action in actions {
            if let session = action.session {
                concerned = anchors[index].ledger.sessions[session]?.prefixes ?? concerned
            }
            anchors[index].ledger.enter(action)
            switch action {
            case .send(let datagram):
                sent += 1
                anchorSends(index, datagram)
            case .report(let notice): anchors[index].model.anchorSaid(notice, of: concerned, at: now)
            case .forward, .network, .resolve, .store, .serve, .stopServing: break
            }
        }
        if isDue { anchors[index].model.settle(at: now) }
        if let fault = anchors[index].pace.turned(dueToDeadline: isDue, sending: sent, at: now) {
            faults.append("anchor \(index): \(fault)")
        }
        if isDue, let next = anchors[index].engine.nextDeadline, next <= now {
            faults.append("anchor \(index): a deadline is due again at once")
        }
        inspect(anchor: index)
    }

    private mutating func anchorSends(_ index: Int, _ datagram: Datagram) {
        note(datagram, "anchor \(index)")
        if case .bindingAcknowledgement(let reply) = Self.message(in: datagram),
            let fault = anchors[index].model.anchorSent(reply, in: datagram, at: now)
        {
            faults.append("anchor \(index): \(fault)")
        }
        guard !anchors[index].isAlone else { return }
        if let other = anchor(at: datagram.destination) {
            letters.append(Letter(at: now + .milliseconds(10), anchor: other, datagram: datagram, gateway: asking))
            return
        }
        let owner = gateways.firstIndex { $0.has(datagram.destination) }
        guard let gateway = owner ?? gateways.firstIndex(where: { $0.network.leads(to: datagram.destination) })
        else { return }
        gateways[gateway].network.carry(datagram, .toGateway, at: now)
    }

    private static func message(in event: MobileAccessGateway.Event) -> MobilityMessage? {
        guard case .received(let datagram) = event else { return nil }
        return message(in: datagram)
    }

    private static func message(in datagram: Datagram) -> MobilityMessage? {
        guard !datagram.octets.isEmpty else { return nil }
        do throws(DecodeError) { return try MobilityHeader(decoding: datagram.octets).message } catch { return nil }
    }

    mutating func note(_ event: DomainEvent) {
        if listens { heard.append("\(now.nanoseconds / 1_000_000) ms: \(event.text)") }
    }

    private mutating func note(_ datagram: Datagram, _ sender: String) {
        guard listens, let message = Self.message(in: datagram) else { return }
        heard.append("\(now.nanoseconds / 1_000_000) ms \(sender) to \(datagram.destination): \(message.gist)")
    }
}

extension Action {
    /// Which is about to lose something.
    fileprivate var session: SessionIdentifier? {
        switch self {
        case .report(.bindingRemoved(let path, _)): path.session
        case .forward(.remove(let session)): session
        case .report, .forward, .send, .store, .network, .resolve, .serve, .stopServing: nil
        }
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
        case .bindingRevocationIndication(let indication): status = " \(indication.trigger) \(indication.sequence)"
        case .bindingRevocationAcknowledgement(let reply): status = " \(reply.status) \(reply.sequence)"
        default: status = ""
        }
        return name + status + (path ?? "") + (handoff ?? "") + (counter ?? "") + prefixes.joined()
    }
}
