// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct NeighborTests {
    private static let router = IPv6Address("fe80::1") ?? .zero
    private static let advertisement = RouterAdvertisement(
        flags: [.otherConfiguration],
        routerLifetime: 1800,
        options: [
            LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 1]).map { .sourceLinkLayerAddress($0) } ?? .mtu(0),
            .mtu(1400),
            .prefix(
                PrefixInformation(
                    address: IPv6Address("2001:db8:5600::") ?? .zero,
                    prefixLength: 64,
                    validLifetime: 7200,
                    preferredLifetime: 1800
                )
            ),
            .recursiveServers(RecursiveServers(lifetime: 1800, addresses: [IPv6Address("2001:db8::53") ?? .zero])),
        ]
    )

    private static let octets: [UInt8] =
        [134, 0, 0, 0, 64, 0x40, 0x07, 0x08] + [0, 0, 0, 0, 0, 0, 0, 0]
        + [1, 1, 2, 0, 0x5E, 0, 0x53, 1]
        + [5, 1, 0, 0, 0, 0, 0x05, 0x78]
        + [3, 4, 64, 0xC0, 0, 0, 0x1C, 0x20, 0, 0, 0x07, 0x08, 0, 0, 0, 0]
        + [0x20, 0x01, 0x0D, 0xB8, 0x56, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        + [25, 3, 0, 0, 0, 0, 0x07, 0x08]
        + [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53]

    @Test func advertisementIsLaidOutAsTheRFCsDrawIt() throws {
        #expect(Self.advertisement.octets == Self.octets)
        #expect(try RouterAdvertisement(decoding: Self.octets) == Self.advertisement)
    }

    @Test func flagsAndPrefixFlagsAreRead() throws {
        var octets = Self.octets
        octets[5] = 0x80
        octets[16 + 8 + 8 + 3] = 0x40
        let advertisement = try RouterAdvertisement(decoding: octets)
        #expect(advertisement.flags == [.managed])
        guard case .prefix(let information) = advertisement.options[2] else {
            Issue.record("no prefix")
            return
        }
        #expect(!information.isOnLink && information.isAutonomous)
        #expect(advertisement.octets == octets)
    }

    @Test func checksumIsRight() {
        let octets = Self.advertisement.octets(from: Self.router, to: .allNodes)
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(Self.router),
            destination: .v6(.allNodes),
            protocolNumber: 58,
            length: octets.count
        )
        checksum.add(octets)
        #expect(checksum.value == 0)
        #expect(octets.dropFirst(4) == Self.octets.dropFirst(4))
    }

    @Test func truncatedAnywhereItIsUnreadableOrShorterByWholeOptions() throws {
        let ends = [16, 24, 32, 64, 88]
        for count in 0..<Self.octets.count {
            let octets = Array(Self.octets.prefix(count))
            if ends.contains(count) {
                #expect(try RouterAdvertisement(decoding: octets).options.count == ends.firstIndex(of: count))
            } else {
                #expect(throws: DecodeError.self) { try RouterAdvertisement(decoding: octets) }
            }
        }
    }

    @Test func optionOfLengthZeroIsRefused() {
        #expect(throws: DecodeError(.badLength(0), field: "option 1", offset: 8)) {
            try RouterSolicitation(decoding: [133, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        }
    }

    @Test func anotherTypeOrCodeIsRefused() {
        #expect(throws: DecodeError.self) { try RouterSolicitation(decoding: [134, 0, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: DecodeError.self) { try RouterSolicitation(decoding: [133, 1, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: DecodeError.self) { try RouterSolicitation(decoding: [133, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: DecodeError.self) { try RouterAdvertisement(decoding: [133] + Self.octets.dropFirst()) }
    }

    @Test func solicitationBothWays() throws {
        let address = try #require(LinkLayerAddress(octets: [2, 0, 0x5E, 0, 0x53, 9]))
        let solicitation = RouterSolicitation(options: [.sourceLinkLayerAddress(address)])
        #expect(solicitation.octets == [133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0x5E, 0, 0x53, 9])
        #expect(try RouterSolicitation(decoding: solicitation.octets) == solicitation)
        #expect(solicitation.namesLinkLayerAddress)
        #expect(!RouterSolicitation(options: [.unknown(type: 14, data: [1, 2, 3, 4, 5, 6])]).namesLinkLayerAddress)
    }

    @Test func optionsOfOddSizesAreKeptAsTheyAre() throws {
        let odd: [UInt8] = [5, 2] + [UInt8](repeating: 1, count: 14) + [25, 2] + [UInt8](repeating: 2, count: 14)
        let octets = [133, 0, 0, 0, 0, 0, 0, 0] + odd
        let solicitation = try RouterSolicitation(decoding: octets)
        #expect(solicitation.octets == octets)
        #expect(solicitation.options.count == 2)
    }

    @Test func moreServersThanFitAreLeftOut() throws {
        let servers = RecursiveServers(lifetime: 1, addresses: Array(repeating: Self.router, count: 200))
        let octets = RouterAdvertisement(routerLifetime: 0, options: [.recursiveServers(servers)]).octets
        #expect(try RouterAdvertisement(decoding: octets).options == [.recursiveServers(servers)])
        #expect(octets[17] == 255)
    }

    @Test func mutationNeverTrapsAndWhatDecodesIsReadTheSameAgain() throws {
        var generator = SeededGenerator()
        for index in 0..<1000 {
            let octets = generator.mutation(of: Self.octets)
            guard let first = try? RouterAdvertisement(decoding: octets) else { continue }
            #expect(try RouterAdvertisement(decoding: first.octets) == first, "seed \(generator.seed), case \(index)")
        }
    }
}
