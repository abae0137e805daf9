import Mobility
// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct RouterAdvertiserTests {
    private static let host = IPv6Address("fe80::aa") ?? .zero
    private static let server = IPv6Address("2001:db8::53") ?? .zero
    private static let solicitation = RouterSolicitation().octets

    private static func settings(seed: UInt64 = 1) -> RouterAdvertiserSettings {
        var settings = RouterAdvertiserSettings()
        settings.linkLayerAddress = LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 1])
        settings.recursiveServers = [server]
        settings.seed = seed
        return settings
    }

    private static func seconds(_ value: Double) -> Instant { Instant(nanoseconds: Int64(value * 1e9)) }
    private static func prefix(_ text: String) -> IPPrefix? { IPPrefix(text) }

    /// What an action sends, and to whom.
    private func sent(_ actions: [RouterAdvertiser.Action]) throws -> [(RouterAdvertisement, IPv6Address)] {
        try actions.map { action in
            switch action {
            case .send(let octets, let destination): (try RouterAdvertisement(decoding: octets), destination)
            }
        }
    }

    private func prefixes(_ advertisement: RouterAdvertisement) -> [PrefixInformation] {
        advertisement.options.compactMap { option in
            if case .prefix(let information) = option { information } else { nil }
        }
    }

    private func running(seed: UInt64 = 1) -> RouterAdvertiser {
        var advertiser = RouterAdvertiser(settings: Self.settings(seed: seed))
        _ = advertiser.handle(.prefixChanged(Self.prefix("2001:db8:5600::/56"), mtu: 1400), at: .zero)
        return advertiser
    }

    /// Lets deadlines pass up to the given instant.
    private func run(
        _ advertiser: inout RouterAdvertiser,
        until end: Instant
    ) -> [(at: Instant, action: RouterAdvertiser.Action)] {
        var all: [(at: Instant, action: RouterAdvertiser.Action)] = []
        while let deadline = advertiser.nextDeadline, deadline <= end {
            all += advertiser.handle(.deadline, at: deadline).map { (deadline, $0) }
        }
        return all
    }

    // MARK: - Content

    @Test func silentUntilThereIsSomethingToOffer() {
        var advertiser = RouterAdvertiser(settings: Self.settings())
        #expect(advertiser.nextDeadline == nil)
        #expect(
            advertiser.handle(.solicited(from: Self.host, hopLimit: 255, octets: Self.solicitation), at: .zero).isEmpty
        )
        #expect(advertiser.nextDeadline == nil)
        #expect(advertiser.handle(.deadline, at: .zero).isEmpty)
        #expect(advertiser.handle(.stop, at: .zero).isEmpty)
    }

    @Test func firstAdvertisementGoesOutAtOnceWithAllThatHostsNeed() throws {
        var advertiser = RouterAdvertiser(settings: Self.settings())
        let actions = try sent(
            advertiser.handle(.prefixChanged(Self.prefix("2001:db8:5600::/56"), mtu: 1400), at: .zero)
        )
        let (advertisement, destination) = try #require(actions.first)
        #expect(actions.count == 1 && destination == .allNodes)
        #expect(advertisement.routerLifetime == 1800)
        #expect(advertisement.flags == [])
        #expect(
            advertisement.options == [
                .sourceLinkLayerAddress(try #require(LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 1]))),
                .mtu(1400),
                .prefix(
                    PrefixInformation(
                        address: IPv6Address("2001:db8:5600::") ?? .zero,
                        prefixLength: 64,
                        isOnLink: true,
                        isAutonomous: true,
                        validLifetime: 7200,
                        preferredLifetime: 1800
                    )
                ),
                .recursiveServers(RecursiveServers(lifetime: 1800, addresses: [Self.server])),
            ]
        )
    }

    @Test(
        arguments: [
            ("2001:db8:5600::/48", "2001:db8:5600::"), ("2001:db8:5600:8::/64", "2001:db8:5600:8::"),
            ("2001:db8:5600:8::/65", nil), ("10.20.40.0/28", nil),
        ] as [(String, String?)]
    )
    func theFirst64IsAdvertised(prefix: String, expected: String?) throws {
        var advertiser = RouterAdvertiser(settings: Self.settings())
        let actions = try sent(advertiser.handle(.prefixChanged(Self.prefix(prefix), mtu: 1400), at: .zero))
        #expect(actions.count == 1)
        #expect(prefixes(actions[0].0).map { $0.address.description } == [expected].compactMap { $0 })
        #expect(prefixes(actions[0].0).allSatisfy { $0.prefixLength == 64 })
    }

    @Test func withoutPrefixNoPrefixAndNoDefaultRouter() throws {
        var advertiser = RouterAdvertiser(settings: Self.settings())
        let (advertisement, _) = try #require(
            try sent(advertiser.handle(.prefixChanged(nil, mtu: 1400), at: .zero)).first
        )
        #expect(prefixes(advertisement).isEmpty)
        #expect(advertisement.routerLifetime == 0)
    }

    @Test(arguments: [0, -1, 1279, Int.min]) func anImpossibleMTUIsNotAdvertised(mtu: Int) throws {
        var advertiser = RouterAdvertiser(settings: Self.settings())
        let (advertisement, _) = try #require(
            try sent(advertiser.handle(.prefixChanged(Self.prefix("2001:db8::/64"), mtu: mtu), at: .zero)).first
        )
        #expect(!advertisement.options.contains { if case .mtu = $0 { true } else { false } })
    }

    // MARK: - Timing

    /// RFC 4861 §6.2.4: three within 16 s each, then between the bounds.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func initialAdvertisementsComeQuicklyThenSlowly(seed: UInt64) throws {
        var advertiser = running(seed: seed)
        let times = [Instant.zero] + run(&advertiser, until: Self.seconds(4000)).map { $0.at }
        let distances = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(distances.count > 7)
        #expect(distances.prefix(2).allSatisfy { $0 <= .seconds(16) && $0 >= .seconds(3) })
        #expect(distances.dropFirst(2).allSatisfy { $0 >= .seconds(200) && $0 <= .seconds(600) })
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func solicitationIsAnsweredWithinHalfASecond(seed: UInt64) throws {
        var advertiser = running(seed: seed)
        let asked = Self.seconds(1)
        #expect(
            advertiser.handle(.solicited(from: Self.host, hopLimit: 255, octets: Self.solicitation), at: asked).isEmpty
        )
        let answers = run(&advertiser, until: asked + .milliseconds(500))
        #expect(answers.count == 1)
        #expect(try sent(answers.map { $0.action }).first?.1 == Self.host)
        let first = try #require(try sent(answers.map { $0.action }).first).0
        #expect(prefixes(first).count == 1)
        #expect(advertiser.counters.solicitations == 1)
    }

    @Test func solicitationFromNowhereIsAnsweredToAllButNotTooSoon() throws {
        var advertiser = running()
        let asked = Self.seconds(1)
        _ = advertiser.handle(.solicited(from: .zero, hopLimit: 255, octets: Self.solicitation), at: asked)
        let answers = run(&advertiser, until: Self.seconds(3.5))
        #expect(answers.count == 1)
        #expect(answers[0].at >= Self.seconds(3))
        #expect(try sent(answers.map { $0.action }).first?.1 == .allNodes)
    }

    @Test func solicitationFromNowhereLongAfterIsAnsweredToAllWithinHalfASecond() throws {
        var advertiser = running()
        _ = run(&advertiser, until: Self.seconds(100))
        _ = advertiser.handle(.solicited(from: .zero, hopLimit: 255, octets: Self.solicitation), at: Self.seconds(100))
        #expect(run(&advertiser, until: Self.seconds(100.5)).count == 1)
    }

    @Test func manySolicitationsShareTheirAnswer() throws {
        var advertiser = running()
        _ = run(&advertiser, until: Self.seconds(100))
        for index in 0..<1000 as Range<UInt64> {
            let host = IPv6Address(high: 0xFE80 << 48, low: 1 + index)
            _ = advertiser.handle(
                .solicited(from: host, hopLimit: 255, octets: Self.solicitation),
                at: Self.seconds(100)
            )
        }
        let answers = run(&advertiser, until: Self.seconds(103))
        #expect(answers.count <= 17)
        #expect(try sent(answers.map { $0.action }).contains { $0.1 == .allNodes })
        #expect(advertiser.counters.solicitations == 1000)
    }

    @Test func oneHostAskingAgainGetsOneAnswer() {
        var advertiser = running()
        for _ in 0..<5 {
            _ = advertiser.handle(
                .solicited(from: Self.host, hopLimit: 255, octets: Self.solicitation),
                at: Self.seconds(1)
            )
        }
        #expect(run(&advertiser, until: Self.seconds(2)).count == 1)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func multicastsKeepTheirDistance(seed: UInt64) throws {
        var advertiser = RouterAdvertiser(settings: Self.settings(seed: seed))
        var times: [Instant] = []
        for step in 0..<200 {
            let now = Self.seconds(Double(step) * 0.25)
            var actions = run(&advertiser, until: now)
            if step % 3 == 0 {
                let prefix = Self.prefix("2001:db8:\(step + 1)::/48")
                actions += advertiser.handle(.prefixChanged(prefix, mtu: 1400), at: now).map { (now, $0) }
            }
            _ = advertiser.handle(.solicited(from: .zero, hopLimit: 255, octets: Self.solicitation), at: now)
            times += try actions.filter { try sent([$0.action])[0].1 == .allNodes }.map { $0.at }
        }
        #expect(times.count > 10)
        #expect(zip(times.dropFirst(), times).allSatisfy { $0 - $1 >= .seconds(3) })
    }

    @Test func sameSeedSameTimes() {
        var one = running(seed: 7)
        var other = running(seed: 7)
        let end = Self.seconds(10_000)
        #expect(run(&one, until: end).map { $0.at } == run(&other, until: end).map { $0.at })
    }

    // MARK: - Invalid solicitations

    @Test func invalidSolicitationsAreDroppedAndCounted() {
        var advertiser = running()
        let deadline = advertiser.nextDeadline
        let withAddress: [UInt8] = Self.solicitation + [1, 1, 2, 0, 0x5E, 0, 0x53, 9]
        let invalid: [(IPv6Address, UInt8, [UInt8])] = [
            (Self.host, 254, Self.solicitation), (Self.host, 255, []), (Self.host, 255, [133, 0, 0, 0, 0, 0, 0]),
            (Self.host, 255, [133, 1, 0, 0, 0, 0, 0, 0]),
            (Self.host, 255, Self.solicitation + [1, 0, 0, 0, 0, 0, 0, 0]),
            (Self.host, 255, [134] + Self.solicitation.dropFirst()), (.zero, 255, withAddress),
            (.allNodes, 255, Self.solicitation),
        ]
        for (index, (source, hopLimit, octets)) in invalid.enumerated() {
            #expect(
                advertiser.handle(
                    .solicited(from: source, hopLimit: hopLimit, octets: octets),
                    at: Self.seconds(10)
                ).isEmpty
            )
            #expect(advertiser.counters.invalidSolicitations == index + 1)
        }
        #expect(advertiser.nextDeadline == deadline)
        _ = advertiser.handle(.solicited(from: Self.host, hopLimit: 255, octets: withAddress), at: Self.seconds(10))
        #expect(advertiser.counters.solicitations == 1)
    }

    // MARK: - Changes

    @Test func withdrawnPrefixIsDeprecatedAtOnceAndForTwoHours() throws {
        var advertiser = running()
        _ = run(&advertiser, until: Self.seconds(1000))
        let changed = Self.seconds(1000)
        let (advertisement, destination) = try #require(
            try sent(advertiser.handle(.prefixChanged(Self.prefix("2001:db8:7700::/56"), mtu: 1400), at: changed)).first
        )
        #expect(destination == .allNodes)
        #expect(
            prefixes(advertisement).map { "\($0.address) \($0.preferredLifetime) \($0.validLifetime)" } == [
                "2001:db8:7700:: 1800 7200", "2001:db8:5600:: 0 7200",
            ]
        )
        let later = try run(&advertiser, until: Self.seconds(9000)).map { ($0.at, try sent([$0.action])[0].0) }
        for (at, advertisement) in later {
            let old = prefixes(advertisement).first { $0.address.description == "2001:db8:5600::" }
            #expect((old != nil) == (at < changed + .seconds(7200)))
            #expect(old.map { $0.preferredLifetime == 0 } != false)
            let left = changed + .seconds(7200) - at
            #expect(old.map { Duration.seconds(Int64($0.validLifetime)) - left < .seconds(1) } != false)
        }
        #expect(later.contains { prefixes($0.1).count == 1 } && later.contains { prefixes($0.1).count == 2 })
    }

    @Test func prefixLostIsDeprecatedAndTheRouterNoDefault() throws {
        var advertiser = running()
        let (advertisement, _) = try #require(
            try sent(advertiser.handle(.prefixChanged(nil, mtu: 1400), at: Self.seconds(1000))).first
        )
        #expect(advertisement.routerLifetime == 0)
        #expect(prefixes(advertisement).map { $0.preferredLifetime } == [0])
    }

    @Test func prefixThatComesBackIsPreferredAgain() throws {
        var advertiser = running()
        _ = advertiser.handle(.prefixChanged(nil, mtu: 1400), at: Self.seconds(1000))
        let (advertisement, _) = try #require(
            try sent(
                advertiser.handle(.prefixChanged(Self.prefix("2001:db8:5600::/56"), mtu: 1400), at: Self.seconds(2000))
            ).first
        )
        #expect(prefixes(advertisement).map { $0.preferredLifetime } == [1800])
        #expect(advertisement.routerLifetime == 1800)
    }

    @Test func changeSoonAfterAnAdvertisementWaitsForTheDistance() throws {
        var advertiser = running()
        #expect(advertiser.handle(.prefixChanged(nil, mtu: 1400), at: Self.seconds(1)).isEmpty)
        #expect(advertiser.nextDeadline == Self.seconds(3))
    }

    @Test func sameAgainIsNoChange() {
        var advertiser = running()
        let deadline = advertiser.nextDeadline
        #expect(
            advertiser.handle(.prefixChanged(Self.prefix("2001:db8:5600::/56"), mtu: 1400), at: Self.seconds(100))
                .isEmpty
        )
        #expect(advertiser.nextDeadline == deadline)
    }

    @Test func anotherMTUIsAdvertisedAtOnce() throws {
        var advertiser = running()
        let (advertisement, _) = try #require(
            try sent(
                advertiser.handle(.prefixChanged(Self.prefix("2001:db8:5600::/56"), mtu: 1380), at: Self.seconds(100))
            ).first
        )
        #expect(advertisement.options.contains(.mtu(1380)))
        #expect(prefixes(advertisement).count == 1)
    }

    @Test func manyChangesKeepTheAdvertisementSmall() throws {
        var advertiser = running()
        var last: [RouterAdvertiser.Action] = []
        for step in 1...50 {
            last = advertiser.handle(
                .prefixChanged(Self.prefix("2001:db8:\(step)::/48"), mtu: 1400),
                at: Self.seconds(Double(step) * 10)
            )
        }
        let (advertisement, _) = try #require(try sent(last).first)
        #expect(prefixes(advertisement).count == 9)
        #expect(advertisement.octets.count < 1280 - 40)
    }

    @Test func stopSaysGoodbyeOnceAndForAll() throws {
        var advertiser = running()
        let (advertisement, destination) = try #require(try sent(advertiser.handle(.stop, at: Self.seconds(1))).first)
        #expect(destination == .allNodes)
        #expect(advertisement.routerLifetime == 0)
        #expect(prefixes(advertisement).map { $0.preferredLifetime } == [0])
        #expect(
            advertisement.options.contains(
                .recursiveServers(RecursiveServers(lifetime: 0, addresses: [Self.server]))
            )
        )
        #expect(advertiser.nextDeadline == nil)
        #expect(advertiser.handle(.stop, at: Self.seconds(9)).isEmpty)
        #expect(advertiser.handle(.prefixChanged(Self.prefix("2001:db8::/64"), mtu: 1400), at: Self.seconds(9)).isEmpty)
        #expect(
            advertiser.handle(
                .solicited(from: Self.host, hopLimit: 255, octets: Self.solicitation),
                at: Self.seconds(9)
            )
            .isEmpty
        )
        #expect(advertiser.counters.sent == 2)
    }
}
