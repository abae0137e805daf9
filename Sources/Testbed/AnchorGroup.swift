// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A gateway that may choose between anchors, in virtual time: messages take ten milliseconds, and what is sent to an
/// anchor that is dead is lost.
package struct AnchorGroup: Sendable {
    private struct Letter: Sendable {
        var at: Instant
        var datagram: Datagram
        /// nil: to the gateway.
        var anchor: Int?
    }

    package struct Sent: Sendable {
        package var at: Instant
        package var destination: IPAddress
        package var message: MobilityMessage
    }

    package var gateway: MobileAccessGateway
    package private(set) var anchors: [LocalMobilityAnchor]
    private var addresses: [[IPAddress]]
    /// By number: they answer nothing.
    package var dead: Set<Int> = []
    /// What names stand for; others stand for nothing.
    package var names: [String: [IPAddress]] = [:]
    package private(set) var now = Instant(nanoseconds: 1_000_000_000)
    package private(set) var atGateway = Ledger()
    package private(set) var atAnchors: [Ledger]
    /// By the gateway.
    package private(set) var sent: [Sent] = []
    private var underway: [Letter] = []
    private var lookups: [String] = []
    private let epoch = Timestamp(seconds: 1_700_000_000)

    package init(_ settings: GatewaySettings, anchors: [AnchorSettings], seed: UInt64 = 1) {
        gateway = MobileAccessGateway(settings, seed: seed)
        self.anchors = anchors.map { LocalMobilityAnchor($0, seed: seed &+ 1) }
        addresses = anchors.map(\.addresses)
        atAnchors = anchors.map { _ in Ledger() }
    }

    private var moment: Moment { Moment(instant: now, timestamp: epoch + (now - Instant.zero)) }

    /// Began, with the example's two access networks.
    package mutating func begins() {
        tell(.request(.start))
        tell(.wanChanged("wan1", .up(careOfAddress: ExampleDomain.lte)))
        tell(.wanChanged("wan2", .up(careOfAddress: ExampleDomain.dsl)))
    }

    package mutating func tell(_ event: MobileAccessGateway.Event) {
        for action in gateway.handle(event, at: moment) {
            atGateway.enter(action)
            if case .resolve(let name) = action { lookups.append(name) }
            if case .send(let datagram) = action { carry(datagram) }
        }
    }

    private mutating func carry(_ datagram: Datagram) {
        guard let header = try? MobilityHeader(decoding: datagram.octets) else { return }
        sent.append(Sent(at: now, destination: datagram.destination, message: header.message))
        guard let anchor = addresses.firstIndex(where: { $0.contains(datagram.destination) }) else { return }
        underway.append(Letter(at: now + .milliseconds(10), datagram: datagram, anchor: anchor))
    }

    private mutating func tellAnchor(_ number: Int, _ event: LocalMobilityAnchor.Event) {
        guard !dead.contains(number) else { return }
        for action in anchors[number].handle(event, at: moment) {
            atAnchors[number].enter(action)
            guard case .send(let datagram) = action else { continue }
            underway.append(Letter(at: now + .milliseconds(10), datagram: datagram, anchor: nil))
        }
    }

    package mutating func passes(_ duration: Duration) {
        let end = now + duration
        for _ in 0..<100_000 {
            let alive = anchors.indices.filter { !dead.contains($0) }
            let deadlines = [gateway.nextDeadline] + alive.map { anchors[$0].nextDeadline } + underway.map(\.at)
            let next = lookups.isEmpty ? deadlines.compactMap(\.self).min() : now
            guard let next, next <= end else {
                now = end
                return
            }
            now = max(now, next)
            let (asked, letters) = (lookups, underway.filter { $0.at <= now })
            lookups = []
            underway.removeAll { $0.at <= now }
            for name in asked { tell(.anchorResolved(name, names[name] ?? [])) }
            for letter in letters {
                if let anchor = letter.anchor {
                    tellAnchor(anchor, .received(letter.datagram))
                } else {
                    tell(.received(letter.datagram))
                }
            }
            if let deadline = gateway.nextDeadline, deadline <= now { tell(.deadline) }
            for number in alive where (anchors[number].nextDeadline ?? .never) <= now { tellAnchor(number, .deadline) }
        }
        atGateway.fault("time does not pass: a deadline is always due")
        now = end
    }

    package mutating func forgetMessages() { sent = [] }

    /// Updates to any address of an anchor.
    package func updates(to anchor: Int) -> [BindingUpdate] {
        sent.compactMap {
            guard addresses[anchor].contains($0.destination), case .bindingUpdate(let update) = $0.message else {
                return nil
            }
            return update
        }
    }

    /// The far ends of the paths that carry.
    package var ends: Set<IPAddress> { Set(atGateway.paths.values.map(\.remoteAddress)) }
}
