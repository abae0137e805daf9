// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Delegates parts of the session's prefix to routers behind the gateway (RFC 8415 §18.3; the delegating router of RFC 7148
/// §5.1.3 at the gateway), on all of its LANs.
///
/// A prefix is chosen by the client's name, so that it is most often the same again; and who comes with one of ours that
/// is free keeps it. What is in use outlives us elsewhere, and is restored.
package struct PrefixDelegationServer: Sendable {
    package enum Event: Equatable, Sendable {
        /// nil: nothing is there to delegate at present.
        case poolChanged(PrefixDelegationPool?)
        /// The payload of a datagram to UDP port 547. Link by its number among the LANs; `isUnicast`: to an address of
        /// ours alone.
        case received([UInt8], from: IPv6Address, isUnicast: Bool, link: Int)
        /// The link is another one, or there again: routes that led over it are gone.
        case linkRenewed(Int)
        case deadline
    }

    package enum Action: Equatable, Sendable {
        /// To UDP port 546.
        case send([UInt8], to: IPv6Address, link: Int)
        /// Packets to the prefix go to its router from now on.
        case begin(PrefixLease)
        case end(PrefixLease)
    }

    package struct Counters: Equatable, Sendable {
        package var answered = 0
        /// Messages that are none, or not for us.
        package var ignored = 0
        /// Clients for whom no prefix was left.
        package var exhausted = 0
    }

    private struct Entry {
        var lease: PrefixLease
        /// Else it is offered.
        var isBound: Bool
        var until: Instant
    }

    private static let offerTime: Duration = .seconds(60)
    /// Who sends under ever new names gets no more than this.
    private static let mostLeases = 256

    package let identifier: DHCPUniqueIdentifier
    /// Of the LANs on which prefixes are delegated, by number.
    package let settings: [Int: PrefixDelegationSettings]
    package internal(set) var counters = Counters()
    private var pool: PrefixDelegationPool?
    private var entries: [PrefixLease.Holder: Entry] = [:]
    private var inUse = LeasesInUse()

    package init(identifier: DHCPUniqueIdentifier, settings: [Int: PrefixDelegationSettings]) {
        self.identifier = identifier
        self.settings = settings
    }

    /// When to hand in `.deadline`; nil while there is nothing to wait for.
    package var nextDeadline: Instant? { entries.values.map(\.until).min() }

    /// What was in use when an earlier life of the gateway ended: for as long as if it were given now, since nobody knows
    /// when its client asked last.
    package mutating func restore(_ leases: [PrefixLease], at now: Instant) {
        for lease in leases.prefix(Self.mostLeases) {
            guard let settings = settings[lease.holder.link] else { continue }
            entries[lease.holder] = Entry(lease: lease, isBound: true, until: now + settings.leaseTime)
        }
    }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .poolChanged(let pool): self.pool = pool
        case .received(let octets, let source, let isUnicast, let link):
            let answer = answer(octets, from: source, isUnicast: isUnicast, on: link, at: now)
            counters.answered += answer == nil ? 0 : 1
            counters.ignored += answer == nil ? 1 : 0
            // Routes come before the answer.
            actions = answer.map { [.send($0.octets, to: source, link: link)] } ?? []
        case .linkRenewed(let link): inUse.forget(link: link)
        case .deadline: entries = entries.filter { $0.value.until > now }
        }
        return settle() + actions
    }

    /// Those that are bound and in the pool are in use. Others wait: a session that has ended may begin again with the
    /// same prefix before their clients ask.
    private mutating func settle() -> [Action] {
        let wanted = entries.values.filter { $0.isBound && pool?.offers($0.lease.prefix) == true }.map(\.lease)
        let (ended, beginning) = inUse.settle(Set(wanted))
        return ended.map { .end($0) } + beginning.map { .begin($0) }
    }

    /// nil: nothing is to be said.
    private mutating func answer(
        _ octets: [UInt8],
        from source: IPv6Address,
        isUnicast: Bool,
        on link: Int,
        at now: Instant
    ) -> DHCPv6Message? {
        // What comes from beyond the link cannot be answered there, and is no router of ours.
        guard let settings = settings[link], source.isLinkLocal,
            let question = PrefixDelegationQuestion(octets, isUnicast: isUnicast, to: identifier)
        else { return nil }
        var prefixes: [UInt32: IPPrefix] = [:]
        for association in question.associations {
            guard let client = question.client else { break }
            let holder = PrefixLease.Holder(link: link, client: client, association: association.identifier)
            let hints = association.prefixes.map(\.prefix)
            prefixes[association.identifier] =
                switch question.kind {
                case .offer: assign(to: holder, wanting: hints, via: source, binds: false, at: now)
                case .assignment: assign(to: holder, wanting: hints, via: source, binds: true, at: now)
                case .release: entries.removeValue(forKey: holder)?.lease.prefix
                case .decline: entries[holder]?.lease.prefix
                case .information, .misdirected: nil
                }
        }
        return question.answer(from: identifier, prefixes, settings)
    }

    // MARK: Leases

    /// What the holder gets of what it wants; nil if nothing is left.
    private mutating func assign(
        to holder: PrefixLease.Holder,
        wanting hints: [IPPrefix],
        via router: IPv6Address,
        binds: Bool,
        at now: Instant
    ) -> IPPrefix? {
        guard let settings = settings[holder.link], let pool else { return nil }
        guard let prefix = choose(for: holder, hints, settings, pool) else {
            counters.exhausted += 1
            return nil
        }
        // An offer changes nothing for who has it already.
        if !binds, let present = entries[holder], present.isBound, present.lease.prefix == prefix { return prefix }
        entries[holder] = Entry(
            lease: PrefixLease(prefix, of: holder, via: router),
            isBound: binds,
            until: now + (binds ? settings.leaseTime : Self.offerTime)
        )
        return prefix
    }

    /// What it has; else what it names, if that is free; else one of the wished length, or of the usual one.
    private func choose(
        for holder: PrefixLease.Holder,
        _ hints: [IPPrefix],
        _ settings: PrefixDelegationSettings,
        _ pool: PrefixDelegationPool
    ) -> IPPrefix? {
        if let present = entries[holder]?.lease.prefix, pool.offers(present) { return present }
        guard entries.count < Self.mostLeases || entries[holder] != nil else { return nil }
        let taken = entries.filter { $0.key != holder }.map(\.value.lease.prefix)
        // RFC 8168 §3.2: a shorter one than is delegated here is not to be had.
        func suits(_ length: UInt8) -> Bool { length >= settings.length && length <= 64 }
        let named = hints.first { hint in
            suits(hint.length) && pool.offers(hint) && !taken.contains { $0.overlaps(hint) }
        }
        if let named { return named }
        let seed = Self.digest(holder)
        let wished = hints.map(\.length).first(where: suits) ?? settings.length
        return pool.free(length: wished, seed: seed, taken: taken)
            ?? pool.free(length: settings.length, seed: seed, taken: taken)
    }

    /// The same in every life of the gateway, which Swift's own hashes are not.
    private static func digest(_ holder: PrefixLease.Holder) -> UInt64 {
        let association = (0..<4).map { UInt8(truncatingIfNeeded: holder.association >> (24 - 8 * UInt32($0))) }
        return SipHash.tag(of: holder.client.octets + association, key: SipKey(k0: 0, k1: 0))
    }
}
