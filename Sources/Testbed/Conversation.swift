// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A gateway and an anchor talking over a virtual network in virtual time. Time passes only when told to, and then from
/// event to event.
package struct Conversation: Sendable {
    /// A message as it left one of the two.
    package struct Sent: Sendable {
        package var at: Instant
        package var direction: VirtualNetwork.Direction
        package var datagram: Datagram
        package var message: MobilityMessage
    }

    package var gateway: MobileAccessGateway
    package var anchor: LocalMobilityAnchor
    package var network = VirtualNetwork()
    package private(set) var now = Instant(nanoseconds: 1_000_000_000)
    /// How far the gateway's clock is ahead of the anchor's.
    package var clockAhead: Duration = .zero
    package private(set) var sent: [Sent] = []
    /// Empty datagrams.
    package private(set) var keepalives: [Datagram] = []
    package private(set) var atGateway = Ledger()
    package private(set) var atAnchor = Ledger()
    private let epoch = Timestamp(seconds: 1_700_000_000)

    package init(anchor: AnchorSettings, gateway: GatewaySettings, seed: UInt64 = 1) {
        self.anchor = LocalMobilityAnchor(anchor, seed: seed)
        self.gateway = MobileAccessGateway(gateway, seed: seed &+ 1)
    }

    package var anchorMoment: Moment {
        Moment(instant: now, timestamp: epoch + (now - Instant.zero))
    }

    package var gatewayMoment: Moment {
        Moment(instant: now, timestamp: epoch + (now - Instant.zero) + clockAhead)
    }

    // MARK: What happens

    package mutating func gatewayStarts() { tell(.request(.start)) }
    package mutating func gatewayStops() { tell(.request(.stop)) }

    package mutating func up(_ interface: String, _ address: IPAddress) {
        tell(.wanChanged(interface, .up(careOfAddress: address)))
    }

    package mutating func down(_ interface: String) { tell(.wanChanged(interface, .down)) }

    package mutating func tell(_ event: MobileAccessGateway.Event) {
        perform(gateway.handle(event, at: gatewayMoment), .toAnchor)
    }

    package mutating func tellAnchor(_ event: LocalMobilityAnchor.Event) {
        perform(anchor.handle(event, at: anchorMoment), .toGateway)
    }

    /// The anchor dies and comes back with nothing; its data plane and routes went with it.
    package mutating func anchorRestarts(_ settings: AnchorSettings, seed: UInt64 = 77) {
        anchor = LocalMobilityAnchor(settings, seed: seed)
        atAnchor = Ledger()
    }

    /// The anchor dies and comes back with what it stored.
    package mutating func anchorComesBack(_ settings: AnchorSettings, start: UInt32 = 2, seed: UInt64 = 79) {
        let stored = atAnchor.stored(start: start)
        anchor = LocalMobilityAnchor(settings, seed: seed)
        atAnchor = Ledger(storing: stored)
        perform(anchor.restore(stored, at: anchorMoment), .toGateway)
    }

    /// The gateway dies without a word and comes back, its links down as yet.
    package mutating func gatewayRestarts(_ settings: GatewaySettings, seed: UInt64 = 78) {
        gateway = MobileAccessGateway(settings, seed: seed)
        atGateway = Ledger()
    }

    /// The gateway dies without a word and comes back with what it stored, its links down as yet.
    package mutating func gatewayComesBack(_ settings: GatewaySettings, seed: UInt64 = 80) {
        let stored = atGateway.stored(start: 2)
        gateway = MobileAccessGateway(settings, seed: seed)
        gateway.restore(stored)
        atGateway = Ledger(storing: stored)
    }

    /// Everything due until then happens, in order.
    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        for _ in 0..<100_000 {
            let next = [network.nextArrival, gateway.nextDeadline, anchor.nextDeadline].compactMap(\.self).min()
            guard let next, next <= end else {
                now = end
                return
            }
            now = max(now, next)
            for delivery in network.arrivals(until: now) {
                switch delivery.direction {
                case .toAnchor: tellAnchor(.received(delivery.datagram))
                case .toGateway: tell(.received(delivery.datagram))
                }
            }
            if let deadline = gateway.nextDeadline, deadline <= now { tell(.deadline) }
            if let deadline = anchor.nextDeadline, deadline <= now { tellAnchor(.deadline) }
        }
        atGateway.fault("time does not pass: a deadline is always due")
        now = end
    }

    private mutating func perform(_ actions: [Action], _ direction: VirtualNetwork.Direction) {
        for action in actions {
            switch direction {
            case .toAnchor: atGateway.enter(action)
            case .toGateway: atAnchor.enter(action)
            }
            guard case .send(let datagram) = action else { continue }
            network.carry(datagram, direction, at: now)
            guard !datagram.octets.isEmpty else {
                keepalives.append(datagram)
                continue
            }
            do throws(DecodeError) {
                let message = try MobilityHeader(decoding: datagram.octets).message
                sent.append(Sent(at: now, direction: direction, datagram: datagram, message: message))
            } catch {
                atGateway.fault("unreadable message sent: \(error)")
            }
        }
    }

    // MARK: What was said

    package mutating func forgetMessages() {
        sent = []
        keepalives = []
    }

    package var updates: [BindingUpdate] {
        sent.compactMap { if case .bindingUpdate(let update) = $0.message { update } else { nil } }
    }

    package var acknowledgements: [BindingAcknowledgement] {
        sent.compactMap { if case .bindingAcknowledgement(let reply) = $0.message { reply } else { nil } }
    }

    package var heartbeats: [Heartbeat] {
        sent.compactMap { if case .heartbeat(let heartbeat) = $0.message { heartbeat } else { nil } }
    }

    /// Updates by the address that they left from.
    package func updates(from address: IPAddress) -> [BindingUpdate] {
        sent.compactMap {
            guard $0.datagram.source == address, case .bindingUpdate(let update) = $0.message else { return nil }
            return update
        }
    }

    package var anchorSession: SessionSnapshot? { anchor.snapshot.sessions.first }
    package var gatewaySession: SessionSnapshot { gateway.snapshot.session }
}
