// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A gateway alone, answered by hand.
package struct LoneGateway: Sendable {
    package var gateway: MobileAccessGateway
    package private(set) var ledger = Ledger()
    package private(set) var sent: [Datagram] = []
    package private(set) var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000),
        timestamp: Timestamp(seconds: 1_700_000_000)
    )
    package let authentication: PeerAuthentication

    /// Started, the first access network up.
    package init(_ settings: GatewaySettings = ExampleDomain.gateway) {
        authentication = settings.anchors.first?.authentication ?? .none
        gateway = MobileAccessGateway(settings, seed: 6)
        tell(.request(.start))
        tell(.wanChanged("wan1", .up(careOfAddress: ExampleDomain.lte)))
    }

    package mutating func tell(_ event: MobileAccessGateway.Event) {
        for action in gateway.handle(event, at: now) {
            ledger.enter(action)
            if case .send(let datagram) = action { sent.append(datagram) }
        }
    }

    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        for _ in 0..<10_000 {
            guard let next = gateway.nextDeadline, next <= end.instant else { break }
            if next > now.instant { now = now + (next - now.instant) }
            tell(.deadline)
        }
        now = end
    }

    package var updates: [BindingUpdate] {
        sent.compactMap {
            guard let header = try? MobilityHeader(decoding: $0.octets),
                case .bindingUpdate(let update) = header.message
            else { return nil }
            return update
        }
    }

    package mutating func forgetMessages() { sent = [] }

    /// Answers the last update: accepted with one prefix and a key, until changed.
    package mutating func answer(
        _ status: BindingStatus = .accepted,
        by authentication: PeerAuthentication? = nil,
        _ change: (inout BindingAcknowledgement) -> Void = { _ in }
    ) {
        guard let datagram = sent.last(where: { $0.octets.count > 2 && $0.octets[2] == BindingUpdate.type }),
            let update = updates.last
        else { return }
        var kept = update.options.all.filter { option in
            [8, 23, 24, 27, 49, 63].contains(option.optionType)
        }
        kept.insert(
            HomeNetworkPrefix(address: IPv6Address(high: 0x2001_0DB8_1234_0000, low: 0), prefixLength: 64),
            at: 1
        )
        if status.isAccepted, update.options.first(GREKey.self) != nil { kept.append(GREKey(0x0102_0304)) }
        var reply = BindingAcknowledgement(
            status: status,
            flags: update.flags.contains(.tlvHeader) ? [.proxyRegistration, .tlvHeader] : .proxyRegistration,
            sequence: update.sequence,
            lifetime: status.isAccepted ? update.lifetime : .zero,
            options: MobilityOptions(kept)
        )
        change(&reply)
        let answer = Authentication.seal(
            .bindingAcknowledgement(reply),
            on: SignallingRoute(answering: datagram),
            careOf: datagram.source,
            by: authentication ?? self.authentication
        )
        tell(.received(answer))
    }

    package var legs: [LegSnapshot] { gateway.snapshot.session.legs }
    package var drops: [DropReason: Int] { gateway.snapshot.counters.dropped }
}
