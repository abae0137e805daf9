// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// Access networks between one gateway and one anchor, each known by the gateway's address in it.
package struct VirtualNetwork: Sendable {
    package enum Direction: Hashable, Sendable { case toAnchor, toGateway }

    /// What happens to a message on its way.
    package struct Fate: Equatable, Sendable {
        package var isLost = false
        package var delay: Duration
        /// Further copies, each a millisecond after the one before.
        package var copies = 0
    }

    package struct Delivery: Sendable {
        package var at: Instant
        package var number: Int
        package var datagram: Datagram
        package var direction: Direction
    }

    /// One way, where nothing else is said.
    package var delay: Duration = .milliseconds(10)
    /// By the gateway's address.
    package var delays: [IPAddress: Duration] = [:]
    /// Access networks that lose everything.
    package var dead: Set<IPAddress> = []
    /// Likewise, by the WAN behind them.
    package var deadWANs: Set<String> = []
    /// nil: nothing happens that is not planned.
    package var weather: Weather?
    /// Access networks that lose everything but UDP.
    package var onlyUDP: Set<IPAddress> = []
    /// By the WAN behind them. Other access networks leave addresses as they are.
    package var translators: [String: AddressTranslator] = [:]
    /// Public addresses of the anchor that stand, one to one, for its own.
    package var anchorAddresses: [IPAddress: IPAddress] = [:]
    /// Where answers to an address that nobody translates go.
    private var wans: [IPAddress: String] = [:]
    /// Decides the fate of the next messages of its direction, first in first out; the others fare by the rules above.
    private var planned: [Direction: [@Sendable (inout Fate) -> Void]] = [:]
    private var underway: [Delivery] = []
    private var counter = 0

    package init() {}

    package mutating func loses(next count: Int = 1, _ direction: Direction) {
        plan(count, direction) { $0.isLost = true }
    }

    package mutating func duplicates(next count: Int = 1, _ direction: Direction) {
        plan(count, direction) { $0.copies = 1 }
    }

    /// Later messages overtake it.
    package mutating func holdsBack(next count: Int = 1, _ direction: Direction, by delay: Duration) {
        plan(count, direction) { $0.delay += delay }
    }

    /// What was planned and has not happened will not.
    package mutating func quietens() { planned = [:] }

    private mutating func plan(_ count: Int, _ direction: Direction, _ change: @escaping @Sendable (inout Fate) -> Void)
    {
        planned[direction, default: []] += Array(repeating: change, count: count)
    }

    /// Whether an address of the anchor's side leads into these access networks.
    package func leads(to address: IPAddress) -> Bool {
        wans[address] != nil || translators.values.contains { $0.outerAddress == address }
    }

    package var nextArrival: Instant? { underway.map(\.at).min() }

    package mutating func carry(_ datagram: Datagram, _ direction: Direction, at now: Instant) {
        let translated = direction == .toAnchor ? outward(datagram, at: now) : inward(datagram, at: now)
        guard let translated else { return }
        let wan = datagram.wan ?? translated.wan
        let datagram = translated
        let leg = direction == .toAnchor ? datagram.source : datagram.destination
        var fate = Fate(delay: delays[leg] ?? delay)
        fate.isLost =
            dead.contains(leg) || datagram.ports == nil && onlyUDP.contains(leg)
            || wan.map(deadWANs.contains) == true
        weather?.befall(&fate)
        if let plan = planned[direction]?.first {
            planned[direction]?.removeFirst()
            plan(&fate)
        }
        guard !fate.isLost else { return }
        for copy in 0...fate.copies {
            counter += 1
            let at = now + fate.delay + .milliseconds(Int64(copy))
            underway.append(Delivery(at: at, number: counter, datagram: datagram, direction: direction))
        }
    }

    /// What arrives until now, the earliest first.
    package mutating func arrivals(until now: Instant) -> [Delivery] {
        let due = underway.filter { $0.at <= now }.sorted { ($0.at, $0.number) < ($1.at, $1.number) }
        underway.removeAll { $0.at <= now }
        return due
    }

    /// Through the translator of its WAN, if there is one, and that of the anchor. The anchor knows no WANs.
    private mutating func outward(_ datagram: Datagram, at now: Instant) -> Datagram? {
        var result: Datagram? = datagram
        if let wan = datagram.wan {
            if translators[wan] == nil { wans[datagram.source] = wan }
            if translators[wan] != nil { result = translators[wan]?.outward(datagram, at: now) }
        }
        result?.wan = nil
        if let address = anchorAddresses[datagram.destination] { result?.destination = address }
        return result
    }

    /// The gateway's kernel knows which WAN a datagram came over.
    private func inward(_ datagram: Datagram, at now: Instant) -> Datagram? {
        var result = datagram
        if let (address, _) = anchorAddresses.first(where: { $0.value == datagram.source }) { result.source = address }
        for (wan, translator) in translators.sorted(by: { $0.key < $1.key })
        where translator.outerAddress == datagram.destination {
            if var translated = translator.inward(result, at: now) {
                translated.wan = wan
                return translated
            }
        }
        guard !translators.values.contains(where: { $0.outerAddress == datagram.destination }) else { return nil }
        result.wan = wans[datagram.destination]
        return result
    }
}
