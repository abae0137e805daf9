// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The gateway's DHCPv6 relay agent where the anchor is the delegating router (RFC 7148 §3.2.2, §5.1.3; RFC 8415 §19): what
/// routers on the LANs ask goes to the anchor, and an answer with prefixes comes back to them only once the anchor has
/// registered those for the session, so that they can be used from the first packet on.
package struct PrefixDelegationRelay: Sendable {
    /// What the gateway has of its logical mobile node.
    package struct Session: Equatable, Sendable {
        /// nil: nothing is registered, and nothing can be asked.
        package var homeNetworkPrefix: IPPrefix?
        /// Whom to ask; nil: it has no IPv6 address.
        package var anchor: IPv6Address?
        /// All that is no router's: the home network, and what the LANs have parts of.
        package var sites: [IPPrefix] = []
        /// What updates name for routers; what is refused is no longer among it.
        package var named: [IPPrefix] = []
        /// What of it the anchor has accepted.
        package var registered: [IPPrefix] = []

        package init() {}
    }

    package enum Event: Equatable, Sendable {
        case sessionChanged(Session)
        /// The payload of a datagram to UDP port 547. Link by its number among the LANs; `isUnicast`: to an address of
        /// ours alone.
        case received([UInt8], from: IPv6Address, isUnicast: Bool, link: Int)
        /// The payload of a datagram out of the tunnel.
        case answered([UInt8], from: IPv6Address)
        /// The link is another one, or there again: routes that led over it are gone.
        case linkRenewed(Int)
        case deadline
    }

    package enum Action: Equatable, Sendable {
        /// To the anchor, out of the home network.
        case relay([UInt8], to: IPv6Address)
        /// To UDP port 546.
        case send([UInt8], to: IPv6Address, link: Int)
        /// Updates name these for routers from now on. Comes before all others.
        case name([IPPrefix])
        /// Packets to the prefix go to its router from now on.
        case begin(PrefixLease)
        case end(PrefixLease)
    }

    package struct Counters: Equatable, Sendable {
        package var relayed = 0
        package var answered = 0
        /// Messages that are none, or not for relay agents, or come while nothing is registered.
        package var ignored = 0
        /// Answers that had to wait for a registration.
        package var held = 0
        /// Of them those that waited in vain.
        package var expired = 0
        /// Answers whose prefixes were taken out: not registered, or none that a router could have.
        package var refused = 0
    }

    struct Entry {
        var lease: PrefixLease
        var until: Instant
    }

    /// An answer that waits, by its client.
    struct Held {
        var message: DHCPv6Message
        var router: IPv6Address
        /// With how long each is good for.
        var grants: [(lease: PrefixLease, lifetime: Duration)]
        var until: Instant
    }

    struct Client: Hashable {
        var link: Int
        var identifier: DHCPUniqueIdentifier
    }

    /// Clients ask again, with longer and longer pauses, for half a minute (RFC 8415 §7.6), and are answered anew.
    static let holdTime: Duration = .seconds(20)
    /// Nobody knows when the client asked last, and how long it may still wait before it asks again.
    private static let restoredTime: Duration = .seconds(604_800)
    /// An anchor has no more than a few for one node.
    static let mostPrefixes = 32

    let node: NodeIdentifier
    /// The numbers of the LANs whose routers are served.
    package let links: Set<Int>
    package internal(set) var counters = Counters()
    var session = Session()
    var entries: [IPPrefix: Entry] = [:]
    var held: [Client: Held] = [:]
    private var told: [IPPrefix] = []
    private var inUse = LeasesInUse()

    package init(of node: NodeIdentifier, links: Set<Int>) {
        self.node = node
        self.links = links
    }

    /// When to hand in `.deadline`; nil while there is nothing to wait for.
    package var nextDeadline: Instant? { (entries.values.map(\.until) + held.values.map(\.until)).min() }

    /// What was in use when an earlier life of the gateway ended: the anchor has it registered, and it is named again from
    /// the first update on.
    package mutating func restore(_ leases: [PrefixLease], at now: Instant) -> [Action] {
        for lease in leases.filter({ links.contains($0.holder.link) }).prefix(Self.mostPrefixes) {
            entries[lease.prefix] = Entry(lease: lease, until: now + Self.restoredTime)
        }
        return settle()
    }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .sessionChanged(let session):
            self.session = session
            // RFC 7148 §5.1.2: what the anchor does not register has no mobility.
            entries = entries.filter { session.named.contains($0.key) }
            actions = release(at: now)
        case .received(let octets, let source, let isUnicast, let link):
            let forward = isUnicast ? nil : forward(octets, from: source, on: link)
            counters.relayed += forward == nil ? 0 : 1
            counters.ignored += forward == nil ? 1 : 0
            actions = forward.map { [$0] } ?? []
        case .answered(let octets, let source): actions = answered(octets, from: source, at: now)
        case .linkRenewed(let link): inUse.forget(link: link)
        case .deadline:
            counters.expired += held.values.filter { $0.until <= now }.count
            held = held.filter { $0.value.until > now }
            entries = entries.filter { $0.value.until > now }
        }
        // Routes come before the answer.
        return settle() + actions
    }

    private mutating func settle() -> [Action] {
        let named = Set(entries.keys).union(held.values.flatMap(\.grants).map(\.lease.prefix))
            .sorted { ($0.address.mappedToIPv6, $0.length) < ($1.address.mappedToIPv6, $1.length) }
        let news: [Action] = named == told ? [] : [.name(named)]
        told = named
        let wanted = entries.values.filter { session.registered.contains($0.lease.prefix) }.map(\.lease)
        let (ended, beginning) = inUse.settle(Set(wanted))
        return news + ended.map { .end($0) } + beginning.map { .begin($0) }
    }
}
