// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testing
import Wire

@Suite struct DHCPServerTests {
    private static let own = IPv4Address(10, 20, 0, 1)
    private static let everybody = IPv4Address(.max)

    private static func network(_ text: String = "10.20.0.0/24", _ own: IPv4Address = own) -> DHCPServer.Network? {
        IPPrefix(text).map { DHCPServer.Network($0, server: own) }
    }

    private static func server(_ network: DHCPServer.Network? = network()) -> DHCPServer {
        var settings = DHCPServerSettings()
        settings.leaseTime = .seconds(600)
        settings.domainNameServers = [IPv4Address(192, 0, 2, 53)]
        var server = DHCPServer(settings: settings)
        _ = server.handle(.networkChanged(network, mtu: 1400), at: .zero)
        return server
    }

    private static func hardware(_ number: Int) -> [UInt8] { [2, 0, 0, 0, UInt8(number >> 8), UInt8(number & 0xFF)] }

    private static func message(
        _ type: DHCPMessageType,
        of client: Int,
        _ change: (inout DHCPMessage) -> Void = { _ in }
    ) -> DHCPMessage {
        var message = DHCPMessage(.request, transaction: UInt32(client), hardwareAddress: hardware(client))
        message.type = type
        change(&message)
        return message
    }

    private static func request(_ address: IPv4Address, of client: Int, from server: IPv4Address = own) -> DHCPMessage {
        message(.request, of: client) {
            $0.options.set(.requestedAddress, [address])
            $0.options.set(.serverIdentifier, [server])
        }
    }

    /// What the server answers, and to whom.
    private func answers(_ actions: [DHCPServer.Action]) throws -> [(message: DHCPMessage, to: IPv4Address)] {
        try actions.compactMap { action in
            guard case .send(let octets, let address) = action else { return nil }
            return (try DHCPMessage(decoding: octets), address)
        }
    }

    private func ask(
        _ server: inout DHCPServer,
        _ message: DHCPMessage,
        at now: Instant = .zero
    ) throws -> (message: DHCPMessage, to: IPv4Address)? {
        let answers = try answers(server.handle(.received(message.octets), at: now))
        #expect(answers.count <= 1)
        return answers.first
    }

    /// The offered address, after the link has been asked.
    private func offer(
        _ server: inout DHCPServer,
        to client: Int,
        at now: Instant = .zero,
        _ change: (inout DHCPMessage) -> Void = { _ in }
    ) throws -> DHCPMessage? {
        let actions = server.handle(.received(Self.message(.discover, of: client, change).octets), at: now)
        if let answer = try answers(actions).first { return answer.message }
        guard case .probe = actions.first, let deadline = server.nextDeadline else { return nil }
        return try answers(server.handle(.deadline, at: deadline)).first?.message
    }

    private func bound(_ server: inout DHCPServer, _ client: Int, at now: Instant = .zero) throws -> IPv4Address {
        let offer = try #require(try offer(&server, to: client, at: now))
        let answer = try ask(&server, Self.request(offer.yourAddress, of: client), at: now)
        #expect(answer?.message.type == .acknowledge && answer?.message.yourAddress == offer.yourAddress)
        return offer.yourAddress
    }

    // MARK: Leases

    /// RFC 2132 §3.14: perhaps with a domain.
    @Test func hostsAreKnownByTheNamesThatTheySay() throws {
        var server = Self.server()
        #expect(server.hosts.isEmpty)
        var expected: Set<DHCPServer.Host> = []
        let clients: [(Int, String, String?)] = [
            (1, "Telly.lan", "telly"), (2, "", nil), (3, "a b", nil), (4, "nas\0", "nas"),
        ]
        for (client, said, name) in clients {
            let offer = try #require(try offer(&server, to: client))
            #expect(server.hosts.count == expected.count)
            var request = Self.request(offer.yourAddress, of: client)
            request.options[.hostName] = Array(said.utf8)
            #expect(try ask(&server, request)?.message.type == .acknowledge)
            let hardware = try #require(LinkLayerAddress(octets: Self.hardware(client)))
            expected.insert(DHCPServer.Host(address: offer.yourAddress, hardware: hardware, name: name))
        }
        #expect(Set(server.hosts) == expected)
        // A renewal need not say it again.
        for host in expected {
            guard let client = (1...9).first(where: { Self.hardware($0) == host.hardware.octets }) else { continue }
            let renewal = Self.message(.request, of: client) { $0.clientAddress = host.address }
            #expect(try ask(&server, renewal)?.message.type == .acknowledge)
        }
        #expect(Set(server.hosts) == expected)
        _ = server.handle(.networkChanged(nil, mtu: 1400), at: .zero)
        #expect(server.hosts.isEmpty)
    }

    @Test func newClientGetsAnAddressWithAllThatItNeeds() throws {
        var server = Self.server()
        let discover = Self.message(.discover, of: 1) { $0.wantsBroadcast = true }
        let actions = server.handle(.received(discover.octets), at: .zero)
        guard case .probe(let address)? = actions.first, actions.count == 1 else { throw Absent() }
        let deadline = try #require(server.nextDeadline)
        #expect(deadline == .zero + .milliseconds(500))
        let offer = try #require(try answers(server.handle(.deadline, at: deadline)).first)
        #expect(offer.message.type == .offer && offer.message.yourAddress == address)
        #expect(offer.to == Self.everybody && offer.message.transaction == 1 && offer.message.wantsBroadcast)
        let answer = try #require(try ask(&server, Self.request(address, of: 1), at: deadline))
        let options = answer.message.options
        #expect(answer.message.type == .acknowledge && answer.message.yourAddress == address)
        #expect(options.address(.serverIdentifier) == Self.own && options.address(.routers) == Self.own)
        #expect(options.address(.subnetMask) == IPv4Address(255, 255, 255, 0))
        #expect(options.address(.broadcastAddress) == IPv4Address(10, 20, 0, 255))
        #expect(options.address(.domainNameServers) == IPv4Address(192, 0, 2, 53))
        #expect(options[.leaseTime] == [0, 0, 2, 88] && options[.renewalTime] == [0, 0, 1, 44])
        #expect(options[.rebindingTime] == [0, 0, 2, 13] && options[.interfaceMTU] == [5, 120])
    }

    @Test func everyClientHasItsOwnAddressUntilNoneIsLeft() throws {
        var server = Self.server(Self.network("10.20.0.0/28"))
        let addresses = try (1...13).map { try bound(&server, $0) }
        #expect(Set(addresses).count == 13)
        #expect(!addresses.contains(Self.own) && !addresses.contains(IPv4Address(10, 20, 0, 0)))
        #expect(!addresses.contains(IPv4Address(10, 20, 0, 15)))
        #expect(try offer(&server, to: 14) == nil && server.counters.exhausted == 1)
        // Who has one is not told otherwise.
        #expect(try offer(&server, to: 5)?.yourAddress == addresses[4])
        _ = try ask(&server, Self.message(.release, of: 5) { $0.clientAddress = addresses[4] })
        #expect(try offer(&server, to: 14)?.yourAddress == addresses[4])
    }

    @Test func leasesEndAndAreExtended() throws {
        var server = Self.server()
        let address = try bound(&server, 1)
        let later = Instant.zero + .seconds(500)
        let renewal = Self.message(.request, of: 1) { $0.clientAddress = address }
        let answer = try #require(try ask(&server, renewal, at: later))
        #expect(answer.message.type == .acknowledge && answer.to == address && answer.message.clientAddress == address)
        #expect(server.nextDeadline == later + .seconds(600))
        _ = server.handle(.deadline, at: later + .seconds(600))
        #expect(server.nextDeadline == nil)
        #expect(
            try offer(&server, to: 2, at: later + .seconds(700)) { $0.options.set(.requestedAddress, [address]) }?
                .yourAddress == address
        )
    }

    @Test func clientIsToldByItsNameIfItHasOne() throws {
        var server = Self.server()
        let named: (inout DHCPMessage) -> Void = { $0.options[.clientIdentifier] = [1, 2, 3] }
        let first = try offer(&server, to: 1, at: .zero, named)?.yourAddress
        let other = try offer(&server, to: 1)?.yourAddress
        let again = try offer(&server, to: 2, at: .zero, named)?.yourAddress
        #expect(first != nil && first == again && first != other)
    }

    @Test func addressIsTheSameAfterARestart() throws {
        var (one, other) = (Self.server(), Self.server())
        let addresses = try (1...20).map { try bound(&one, $0) }
        // In another order: most of them, if none was another's.
        let again = try (1...20).reversed().map { try bound(&other, $0) }.reversed()
        #expect(zip(addresses, again).count { $0 == $1 } >= 16)
        // And who still has one keeps it though nothing is known of it.
        var third = Self.server()
        let renewal = Self.message(.request, of: 7) { $0.clientAddress = addresses[6] }
        #expect(try ask(&third, renewal)?.message.type == .acknowledge)
    }

    // MARK: Refusals and conflicts

    @Test func whatSomebodyUsesIsNotOffered() throws {
        var server = Self.server()
        let stranger = try #require(LinkLayerAddress(octets: Self.hardware(99)))
        let actions = server.handle(.received(Self.message(.discover, of: 1).octets), at: .zero)
        guard case .probe(let first)? = actions.first else { throw Absent() }
        let next = server.handle(.addressInUse(first, by: stranger), at: .zero)
        guard case .probe(let second)? = next.first else { throw Absent() }
        #expect(first != second)
        // Its own old address is no conflict.
        let itself = try #require(LinkLayerAddress(octets: Self.hardware(1)))
        #expect(server.handle(.addressInUse(second, by: itself), at: .zero).isEmpty)
        let offers = try answers(server.handle(.deadline, at: .zero + .milliseconds(500)))
        #expect(offers.map(\.message.yourAddress) == [second])
        // Nor may anybody take it by name.
        let claim = Self.message(.request, of: 1) { $0.clientAddress = first }
        #expect(try ask(&server, claim)?.message.type == .refuse)
    }

    @Test func declinedAddressIsLeftAloneForAWhile() throws {
        var server = Self.server()
        let address = try bound(&server, 1)
        let decline = Self.message(.decline, of: 1) {
            $0.options.set(.requestedAddress, [address])
            $0.options.set(.serverIdentifier, [Self.own])
        }
        #expect(try ask(&server, decline) == nil)
        #expect(try offer(&server, to: 1)?.yourAddress != address)
        // Only its holder may say so.
        let other = try bound(&server, 2)
        let forged = Self.message(.decline, of: 3) {
            $0.options.set(.requestedAddress, [other])
            $0.options.set(.serverIdentifier, [Self.own])
        }
        #expect(try ask(&server, forged) == nil)
        #expect(try offer(&server, to: 2)?.yourAddress == other)
    }

    @Test func refusalsGoToEverybody() throws {
        var server = Self.server()
        let address = try bound(&server, 1)
        // Another's address, at a reboot; an address of another network; one that was not offered.
        let reboot = Self.message(.request, of: 2) { $0.options.set(.requestedAddress, [address]) }
        let foreign = Self.message(.request, of: 2) { $0.options.set(.requestedAddress, [IPv4Address(10, 9, 0, 3)]) }
        let stale = Self.message(.request, of: 2) { $0.clientAddress = IPv4Address(10, 9, 0, 3) }
        for message in [reboot, foreign, stale, Self.request(address, of: 2)] {
            let answer = try #require(try ask(&server, message))
            #expect(answer.message.type == .refuse && answer.to == Self.everybody)
            #expect(answer.message.yourAddress == .zero)
        }
    }

    @Test func nothingIsSaidOfWhomNothingIsKnown() throws {
        var server = Self.server()
        let reboot = Self.message(.request, of: 1) { $0.options.set(.requestedAddress, [IPv4Address(10, 20, 0, 9)]) }
        #expect(try ask(&server, reboot) == nil)
        // Nor when it takes another server's offer, which gives ours back.
        let offer = try #require(try offer(&server, to: 1))
        #expect(try ask(&server, Self.request(offer.yourAddress, of: 1, from: IPv4Address(10, 20, 0, 254))) == nil)
        #expect(server.nextDeadline == nil)
    }

    @Test func newNetworkRefusesTheOldOnesAddresses() throws {
        var server = Self.server()
        let address = try bound(&server, 1)
        let renewal = Self.message(.request, of: 1) { $0.clientAddress = address }
        _ = server.handle(
            .networkChanged(Self.network("10.77.0.0/24", IPv4Address(10, 77, 0, 1)), mtu: 1400),
            at: .zero
        )
        #expect(try ask(&server, renewal)?.message.type == .refuse)
        _ = server.handle(.networkChanged(nil, mtu: 0), at: .zero)
        #expect(try ask(&server, renewal) == nil && server.nextDeadline == nil)
    }

    @Test func hostWithAnAddressOfItsOwnIsToldTheRest() throws {
        var server = Self.server()
        let inform = Self.message(.inform, of: 1) { $0.clientAddress = IPv4Address(10, 20, 0, 200) }
        let answer = try #require(try ask(&server, inform))
        #expect(answer.message.type == .acknowledge && answer.to == IPv4Address(10, 20, 0, 200))
        #expect(answer.message.yourAddress == .zero && answer.message.options[.leaseTime] == nil)
        let foreign = Self.message(.inform, of: 1) { $0.clientAddress = IPv4Address(192, 0, 2, 9) }
        #expect(try ask(&server, foreign) == nil)
    }

    @Test func whatIsNotForUsIsIgnored() throws {
        var server = Self.server()
        let relayed = Self.message(.discover, of: 1) { $0.relayAddress = IPv4Address(10, 1, 0, 1) }
        let reply = Self.message(.discover, of: 1) { $0.operation = .reply }
        let short = Self.message(.discover, of: 1) { $0.hardwareAddress = [1, 2] }
        let silent = Self.message(.discover, of: 1) { $0.type = nil }
        for message in [relayed, reply, short, silent] {
            #expect(server.handle(.received(message.octets), at: .zero).isEmpty)
        }
        #expect(server.handle(.received([1, 2, 3]), at: .zero).isEmpty)
        #expect(server.counters.ignored == 5)
    }

    @Test func crowdOfNamesIsBounded() throws {
        var server = Self.server(Self.network("10.0.0.0/8", IPv4Address(10, 0, 0, 1)))
        for client in 0..<6000 { _ = server.handle(.received(Self.message(.discover, of: client).octets), at: .zero) }
        #expect(server.counters.exhausted == 6000 - 4096)
        let offers = server.handle(.deadline, at: .zero + .seconds(1))
        #expect(offers.count == 4096)
        _ = server.handle(.deadline, at: .zero + .seconds(62))
        #expect(try offer(&server, to: 7, at: .zero + .seconds(62)) != nil)
    }

    private struct Absent: Error {}
}
