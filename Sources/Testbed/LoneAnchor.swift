// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A proxy binding update made by hand: a good one from the example gateway, to be spoilt.
package struct HandmadeUpdate: Sendable {
    package var source = ExampleDomain.lte
    package var destination = ExampleDomain.anchorIPv6
    /// What the authenticator covers, where it is not the source.
    package var careOf: IPAddress?
    package var flags: BindingUpdate.Flags = [.acknowledge, .proxyRegistration]
    package var sequence: UInt16 = 1
    package var lifetime = BindingLifetime(.seconds(3600))
    package var mobileNode: NodeIdentifier? = ExampleDomain.mobileNode
    package var prefixes: [HomeNetworkPrefix] = [.request]
    package var handoff: HandoffIndicator? = .attachmentOverNewInterface
    package var technology: AccessTechnologyType? = AccessTechnologyType(.virtual)
    /// nil: that of the anchor's clock when sent.
    package var timestamp: Timestamp?
    package var hasTimestamp = true
    package var greKey: GREKey? = GREKey(0x0A0B_0C0D)
    package var multipath: MAGMultipathBinding? = MAGMultipathBinding(
        accessTechnology: .eutran,
        interfaceLabel: 11,
        bindingIdentifier: 1
    )
    package var gateway: NodeIdentifier? = ExampleDomain.gatewayName
    package var further: [any MobilityOption] = []
    package var authentication: PeerAuthentication = .sharedKey(ExampleDomain.association)

    package init() {}

    package func datagram(at now: Timestamp) -> Datagram {
        var options = MobilityOptions()
        if let mobileNode { options.append(MobileNodeIdentifier(mobileNode)) }
        for prefix in prefixes { options.append(prefix) }
        if let handoff { options.append(handoff) }
        if let technology { options.append(technology) }
        if hasTimestamp { options.append(TimestampOption(timestamp ?? now)) }
        if let greKey { options.append(greKey) }
        if let multipath { options.append(multipath) }
        if let gateway { options.append(MAGIdentifier(gateway)) }
        for option in further { options.append(option) }
        let update = BindingUpdate(sequence: sequence, flags: flags, lifetime: lifetime, options: options)
        return seal(.bindingUpdate(update))
    }

    package func seal(_ message: MobilityMessage) -> Datagram {
        guard let route = SignallingRoute(from: source, to: destination) else {
            return Datagram(source: source, destination: destination, ports: nil, octets: [])
        }
        return Authentication.seal(message, on: route, careOf: careOf ?? source, by: authentication)
    }
}

/// An anchor alone, asked by hand.
package struct LoneAnchor: Sendable {
    package var anchor: LocalMobilityAnchor
    package private(set) var ledger = Ledger()
    package private(set) var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000),
        timestamp: Timestamp(seconds: 1_700_000_000)
    )

    package init(_ settings: AnchorSettings = ExampleDomain.anchor) {
        anchor = LocalMobilityAnchor(settings, seed: 5)
    }

    /// The messages that answer.
    @discardableResult
    package mutating func tell(_ event: LocalMobilityAnchor.Event) -> [Datagram] {
        anchor.handle(event, at: now).compactMap { action in
            ledger.enter(action)
            guard case .send(let datagram) = action else { return nil }
            return datagram
        }
    }

    /// A millisecond after whatever was before, so that time stamps grow. nil: no acknowledgement.
    @discardableResult
    package mutating func ask(_ change: (inout HandmadeUpdate) -> Void = { _ in }) -> BindingAcknowledgement? {
        passes(.milliseconds(1))
        var update = HandmadeUpdate()
        change(&update)
        return acknowledgement(in: tell(.received(update.datagram(at: now.timestamp))))
    }

    package func acknowledgement(in datagrams: [Datagram]) -> BindingAcknowledgement? {
        for datagram in datagrams {
            if let header = try? MobilityHeader(decoding: datagram.octets),
                case .bindingAcknowledgement(let reply) = header.message
            {
                return reply
            }
        }
        return nil
    }

    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        for _ in 0..<10_000 {
            guard let next = anchor.nextDeadline, next <= end.instant else { break }
            if next > now.instant { now = now + (next - now.instant) }
            tell(.deadline)
        }
        now = end
    }

    package var session: SessionSnapshot? { anchor.snapshot.sessions.first }
    package var drops: [DropReason: Int] { anchor.snapshot.counters.dropped }
}
