// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Advertises the site's prefix on the access link (RFC 4861 §6.2): the gateway's part in letting hosts number
/// themselves.
///
/// Silent until the first `prefixChanged`, because a gateway has nothing to offer before its first registration
/// (RFC 5213 §6.9.2). Random delays come from a seeded generator: same events, same actions.
package struct RouterAdvertiser: Sendable {
    package enum Event: Equatable, Sendable {
        /// What the hosts' prefixes are from now on, and what the tunnel carries, in octets.
        case prefixesChanged([IPPrefix], mtu: Int)
        /// An ICMPv6 message of type 133, whose checksum the kernel has verified.
        case solicited(from: IPv6Address, hopLimit: UInt8, octets: [UInt8])
        case deadline
        /// The gateway ends; nothing is sent after it.
        case stop

        /// A site has one prefix at most.
        package static func prefixChanged(_ prefix: IPPrefix?, mtu: Int) -> Event {
            .prefixesChanged([prefix].compactMap(\.self), mtu: mtu)
        }
    }

    package enum Action: Equatable, Sendable {
        /// A router advertisement, checksum zero, to leave with hop limit 255.
        case send([UInt8], to: IPv6Address)
    }

    package struct Counters: Equatable, Sendable {
        package var sent = 0
        /// Solicitations taken up; several may share one answer.
        package var solicitations = 0
        /// Solicitations that RFC 4861 §6.1.1 wants discarded.
        package var invalidSolicitations = 0
    }

    /// RFC 4861 §10
    private static let initialAdvertisements = 3
    private static let longestInitialInterval: Duration = .seconds(16)
    private static let longestAnswerDelay: Duration = .milliseconds(500)
    /// RFC 4862 §5.5.3 (e): a host shortens a valid lifetime to no less than this.
    private static let withdrawalLifetime: Duration = .seconds(7200)
    /// A host floods us with solicitations from many addresses: beyond this, one multicast answers all.
    private static let mostUnicastAnswers = 16
    private static let mostWithdrawnPrefixes = 8

    private struct WithdrawnPrefix {
        var prefix: IPPrefix
        var until: Instant
    }

    private enum Phase: Equatable { case silent, advertising, stopped }

    package let settings: RouterAdvertiserSettings
    package private(set) var counters = Counters()
    private var phase = Phase.silent
    private var prefixes: [IPPrefix] = []
    private var mtu = 0
    private var withdrawn: [WithdrawnPrefix] = []
    private var initialLeft = 0
    private var nextMulticast: Instant?
    private var lastMulticast: Instant?
    private var answers: [(to: IPv6Address, at: Instant)] = []
    private var generator: RandomSource

    package init(settings: RouterAdvertiserSettings) {
        self.settings = settings
        self.generator = RandomSource(seed: settings.seed)
    }

    /// When to hand in `.deadline`; nil while there is nothing to wait for.
    package var nextDeadline: Instant? {
        (answers.map(\.at) + [nextMulticast].compactMap { $0 }).min()
    }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch (phase, event) {
        case (.stopped, _): return []
        case (_, .prefixesChanged(let prefixes, let mtu)):
            return change(to: prefixes.compactMap(Self.firstNet), mtu: mtu, at: now)
        case (_, .solicited(let source, let hopLimit, let octets)):
            solicited(from: source, hopLimit: hopLimit, octets: octets, at: now)
            return []
        case (.advertising, .deadline): return performDue(at: now)
        case (.advertising, .stop): return stop(at: now)
        case (.silent, .deadline): return []
        case (.silent, .stop):
            phase = .stopped
            return []
        }
    }

    // MARK: - Events

    private mutating func change(to prefixes: [IPPrefix], mtu: Int, at now: Instant) -> [Action] {
        guard phase == .silent || prefixes != self.prefixes || mtu != self.mtu else { return [] }
        withdraw(unless: prefixes, at: now)
        phase = .advertising
        self.prefixes = prefixes
        self.mtu = mtu
        // RFC 4861 §6.2.4: changed information is announced like a beginning.
        initialLeft = Self.initialAdvertisements
        nextMulticast = earliestMulticast(at: now)
        return performDue(at: now)
    }

    private mutating func withdraw(unless next: [IPPrefix], at now: Instant) {
        withdrawn.removeAll { $0.until <= now || next.contains($0.prefix) }
        for prefix in prefixes where !next.contains(prefix) {
            if withdrawn.count >= Self.mostWithdrawnPrefixes { withdrawn.removeFirst() }
            withdrawn.append(WithdrawnPrefix(prefix: prefix, until: now + Self.withdrawalLifetime))
        }
    }

    private mutating func solicited(from source: IPv6Address, hopLimit: UInt8, octets: [UInt8], at now: Instant) {
        guard Self.isValid(from: source, hopLimit: hopLimit, octets: octets) else {
            counters.invalidSolicitations += 1
            return
        }
        guard phase == .advertising else { return }
        counters.solicitations += 1
        let delay = generator.duration(upTo: Self.longestAnswerDelay)
        let at = now + delay
        // RFC 4861 §6.2.6: what is to be multicast before then answers as well.
        if let nextMulticast, nextMulticast <= at { return }
        guard !source.isUnspecified, answers.count < Self.mostUnicastAnswers else {
            nextMulticast = earlier(nextMulticast, max(at, earliestMulticast(at: now) + delay))
            return
        }
        if !answers.contains(where: { $0.to == source }) { answers.append((source, at)) }
    }

    /// RFC 4861 §6.1.1
    private static func isValid(from source: IPv6Address, hopLimit: UInt8, octets: [UInt8]) -> Bool {
        guard hopLimit == 255, !source.isMulticast, !source.isLoopback else { return false }
        do throws(DecodeError) {
            let solicitation = try RouterSolicitation(decoding: octets)
            return !(source.isUnspecified && solicitation.namesLinkLayerAddress)
        } catch {
            return false
        }
    }

    private mutating func performDue(at now: Instant) -> [Action] {
        if let next = nextMulticast, next <= now {
            // All hosts hear it, those who asked among them.
            answers = []
            lastMulticast = now
            nextMulticast = now + nextInterval()
            return [send(advertisement(at: now), to: .allNodes)]
        }
        let due = answers.filter { $0.at <= now }
        answers.removeAll { $0.at <= now }
        return due.map { send(advertisement(at: now), to: $0.to) }
    }

    /// RFC 4861 §6.2.5. Not held back by the distance between multicasts: who ends cannot wait, and a router that
    /// serves mobile nodes may go down to 30 ms (RFC 6275 §7.5).
    private mutating func stop(at now: Instant) -> [Action] {
        withdraw(unless: [], at: now)
        prefixes = []
        phase = .stopped
        nextMulticast = nil
        answers = []
        return [send(advertisement(at: now), to: .allNodes)]
    }

    // MARK: - Times

    private func earliestMulticast(at now: Instant) -> Instant {
        lastMulticast.map { max(now, $0 + settings.shortestDistance) } ?? now
    }

    private func earlier(_ one: Instant?, _ other: Instant) -> Instant { one.map { min($0, other) } ?? other }

    /// RFC 4861 §6.2.4: uniformly between the bounds, shorter for the first few.
    private mutating func nextInterval() -> Duration {
        let shortest = max(settings.shortestInterval, settings.shortestDistance)
        let spread = max(.zero, settings.longestInterval - shortest)
        let interval = shortest + generator.duration(upTo: spread)
        initialLeft = max(0, initialLeft - 1)
        return initialLeft > 0 ? min(interval, Self.longestInitialInterval) : interval
    }

    // MARK: - Content

    private mutating func send(_ advertisement: RouterAdvertisement, to destination: IPv6Address) -> Action {
        counters.sent += 1
        return .send(advertisement.octets, to: destination)
    }

    private func advertisement(at now: Instant) -> RouterAdvertisement {
        var options: [NeighborOption] = []
        if let address = settings.linkLayerAddress { options.append(.sourceLinkLayerAddress(address)) }
        // RFC 8200 §5: no link carries less than 1280.
        if mtu >= 1280 { options.append(.mtu(UInt32(clamping: mtu))) }
        for prefix in prefixes {
            options.append(
                information(prefix, valid: settings.validLifetime, preferred: settings.preferredLifetime)
            )
        }
        for old in withdrawn where old.until > now {
            // RFC 4862 §5.5.3: preferred 0 takes the addresses out of new use at once; the hosts themselves keep them
            // valid for two hours whatever we say, so we say no more than what is left of those.
            options.append(information(old.prefix, valid: old.until - now, preferred: .zero))
        }
        if !settings.recursiveServers.isEmpty {
            let lifetime = phase == .stopped ? .zero : settings.recursiveServersLifetime
            options.append(
                .recursiveServers(
                    RecursiveServers(lifetime: lifetime.advertised, addresses: settings.recursiveServers)
                )
            )
        }
        // Without a prefix there is nothing behind us that the hosts could use.
        let lifetime = prefixes.isEmpty ? .zero : settings.routerLifetime
        return RouterAdvertisement(
            flags: settings.flags,
            routerLifetime: UInt16(clamping: lifetime.advertised),
            options: options
        )
    }

    private func information(_ prefix: IPPrefix, valid: Duration, preferred: Duration) -> NeighborOption {
        .prefix(
            PrefixInformation(
                address: prefix.address.mappedToIPv6,
                prefixLength: prefix.length,
                validLifetime: valid.advertised,
                preferredLifetime: min(preferred, valid).advertised
            )
        )
    }

    /// The first /64 of a prefix. nil for IPv4, and for a longer prefix: hosts form addresses in a /64 only
    /// (RFC 4862 §5.5.3 (d), RFC 7421), and most of such a /64 would be somebody else's.
    private static func firstNet(of prefix: IPPrefix) -> IPPrefix? {
        prefix.isIPv4 ? nil : prefix.subprefix(length: 64, at: 0)
    }
}

extension Duration {
    /// Whole seconds as advertisements carry them, rounded up, so that a rest of a lifetime is not none.
    fileprivate var advertised: UInt32 {
        let (seconds, attoseconds) = components
        return UInt32(clamping: attoseconds > 0 && seconds < .max ? seconds + 1 : seconds)
    }
}

extension RandomSource {
    /// Uniform in milliseconds from zero to the bound.
    fileprivate mutating func duration(upTo bound: Duration) -> Duration {
        let milliseconds = UInt64(clamping: max(0, bound.wholeNanoseconds) / 1_000_000)
        return .milliseconds(Int64(clamping: next() % (milliseconds &+ 1)))
    }
}
