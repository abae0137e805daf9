// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

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

    /// The anchor dies, and another one takes up what it, or the given one, had stored.
    package mutating func comesBack(_ settings: AnchorSettings, with stored: Ledger? = nil, start: UInt32 = 2) {
        comesBack(settings, with: (stored ?? ledger).stored(start: start))
    }

    package mutating func comesBack(_ settings: AnchorSettings, with stored: StoredSessions) {
        anchor = LocalMobilityAnchor(settings, seed: 6)
        ledger = Ledger(storing: stored)
        for action in anchor.restore(stored, at: now) { ledger.enter(action) }
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
        // In one expression the whole anchor would be copied before it is told: its caches, each time.
        let answers = tell(.received(update.datagram(at: now.timestamp)))
        return acknowledgement(in: answers)
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
