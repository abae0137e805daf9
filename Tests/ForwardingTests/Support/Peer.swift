// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// One forwarder with what it sent, delivered and reported. Slots go back to the arena as the data plane does it.
final class Peer {
    struct Sent: Equatable {
        var path: PathNumber
        var octets: [UInt8]
        var remote: IPAddress
        var port: UInt16
        var trafficClass: UInt8
        var isIPv4: Bool
        var isWhole = false
    }

    var forwarder: Forwarder
    private var burst = Burst()
    private(set) var sent: [Sent] = []
    private(set) var delivered: [[UInt8]] = []
    /// ICMP errors to hosts.
    private(set) var answered: [[UInt8]] = []
    private(set) var events: [ForwardingEvent] = []

    init(_ role: Role, slots: Int = 4096) {
        forwarder = Forwarder(
            role: role,
            seed: 42,
            ipv6Source: IPv6Address("2001:db8:ff::1"),
            ipv4Source: IPv4Address("203.0.113.1"),
            slots: slots
        )
    }

    func apply(_ command: ForwardingCommand, at now: Instant) {
        forwarder.apply(command, at: now, into: &burst)
        collect()
    }

    func fromTUN(_ octets: [UInt8], at now: Instant) {
        guard let slot = forwarder.arena.take(filledWith: octets) else { return }
        forwarder.fromTUN(slot, at: now, into: &burst)
        collect()
    }

    func fromTunnel(_ octets: [UInt8], _ arrival: TunnelArrival, at now: Instant) {
        guard let slot = forwarder.arena.take(filledWith: octets) else { return }
        forwarder.fromTunnel(slot, arrival, at: now, into: &burst)
        collect()
    }

    func advance(to now: Instant) {
        forwarder.advance(to: now, into: &burst)
        collect()
    }

    func transmissionFailed(_ path: PathNumber, at now: Instant) {
        forwarder.transmissionFailed(path, at: now, into: &burst)
        collect()
    }

    private func collect() {
        for transmission in burst.transmissions {
            let octets = forwarder.arena.octets(transmission.slot)
            sent.append(
                Sent(
                    path: transmission.path,
                    octets: octets,
                    remote: transmission.remote,
                    port: transmission.port,
                    trafficClass: transmission.trafficClass,
                    isIPv4: transmission.isIPv4,
                    isWhole: transmission.isWhole
                )
            )
            forwarder.arena.release(transmission.slot)
        }
        for slot in burst.deliveries {
            delivered.append(forwarder.arena.octets(slot))
            forwarder.arena.release(slot)
        }
        for slot in burst.answers {
            answered.append(forwarder.arena.octets(slot))
            forwarder.arena.release(slot)
        }
        events += burst.events
        burst.clear()
    }

    func takeSent() -> [Sent] {
        defer { sent = [] }
        return sent
    }

    func takeDelivered() -> [[UInt8]] {
        defer { delivered = [] }
        return delivered
    }

    func takeEvents() -> [ForwardingEvent] {
        defer { events = [] }
        return events
    }

    /// Why the path was declared silent, each time.
    func silences(of path: PathNumber) -> [SilenceReason] {
        events.compactMap { event in
            guard case .pathCondition(path, .silent, because: let reason) = event else { return nil }
            return reason
        }
    }

    /// Where what waits to be sent on the path goes.
    func remotePorts(of path: PathNumber) -> Set<UInt16> { Set(sent.filter { $0.path == path }.map(\.port)) }

    func explain(_ question: FlowQuestion, at now: Instant) -> FlowExplanation? {
        forwarder.explain(question, at: now)
    }

    func flows(at now: Instant) -> [FlowSnapshot] { forwarder.flows(limit: 100, at: now) }

    var drops: DropCounters { forwarder.snapshot().drops }

    func session(_ number: Int32 = 1) -> SessionSnapshot? {
        forwarder.snapshot().sessions.first { $0.number.rawValue == number }
    }

    func path(_ number: Int32) -> PathSnapshot? {
        forwarder.snapshot().sessions.flatMap(\.paths).first { $0.number.rawValue == number }
    }

    /// Slots in nobody's hands: neither the reorder buffers' nor kept until they are acknowledged.
    var leaked: Int {
        let snapshot = forwarder.snapshot()
        return snapshot.slotsOutstanding - snapshot.sessions.reduce(0) { $0 + $1.held + $1.kept }
    }
}

extension Instant {
    static func milliseconds(_ value: Int64) -> Instant { Instant(nanoseconds: value * 1_000_000) }
}

extension PathNumber: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int32) { self.init(rawValue: value) }
}

extension SessionNumber: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int32) { self.init(rawValue: value) }
}
