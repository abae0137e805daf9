// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// Delegation of prefixes on a real link: what only the kernel shows. The rest is in PrefixDelegationServerTests and
/// `delegation.test.sh`.
@Suite struct PrefixDelegationTests {
    private let log = LogLines()

    /// With everything that a gateway would have said to it; its reactor has yet to be started.
    private static func service(
        _ restored: [PrefixLease] = [],
        on reactor: Reactor,
        journal: Journal,
        log: LogLines
    ) throws -> PrefixDelegation {
        let netlink = try NetlinkSocket()
        let link = try #require(try netlink.link(named: "near"))
        let server = PrefixDelegationServer(
            identifier: DHCPUniqueIdentifier(try #require(link.linkLayerAddress)),
            settings: [0: PrefixDelegationSettings()]
        )
        let routes = DelegatedRoutes(journal, netlink: netlink, logger: log.logger)
        let service = PrefixDelegation(server, routes, on: reactor, logger: log.logger)
        service.start(restored)
        try service.open(0, link)
        let prefix = try #require(IPPrefix("2001:db8:5600::/56"))
        service.serve(PrefixDelegationPool(prefix, reserved: [try #require(IPPrefix("2001:db8:5600::/64"))]))
        return service
    }

    /// The prefix that a router on the other end is given.
    private func ask(_ cable: ScratchCable) async throws -> IPPrefix {
        let open: @Sendable () throws -> sending SignalingSocket = {
            try SignalingSocket(.udp(port: 546), boundTo: .v6(.zero), device: "far")
        }
        nonisolated(unsafe) let socket = try cable.far.enter(open)
        let client = try #require(DHCPUniqueIdentifier([0, 3, 0, 1, 2, 0, 0, 0, 0, 9]))
        let question = DHCPv6Message(
            .solicit,
            transaction: 7,
            [.clientIdentifier(client), .rapidCommit, .prefixAssociation(DHCPv6Association(1))]
        )
        try socket.send(question.octets, from: nil, to: .v6(.allDHCPAgents), port: 547)
        func answer() async throws -> DHCPv6Message {
            var answers: [[UInt8]] = []
            let isAnswered = try await Patience.wait(.seconds(5)) {
                answers += socket.receive().map(\.octets)
                return !answers.isEmpty
            }
            #expect(isAnswered)
            return try DHCPv6Message(decoding: try #require(answers.first))
        }
        let reply = try await answer()
        #expect(reply.type == .reply && reply.client == client)
        // What is sent to the server alone, it refuses.
        let own = try await address(of: "near", in: cable.near)
        let request = DHCPv6Message(.request, transaction: 8, reply.options)
        try socket.send(request.octets, from: nil, to: try #require(IPAddress(own)), port: 547)
        let refusal = try await answer()
        #expect(refusal.transaction == 8 && refusal.status?.code == DHCPv6Status.Code.useMulticast.rawValue)
        return try #require(reply.prefixAssociations.first?.prefixes.first?.prefix)
    }

    private func address(of link: String, in space: LabNamespace) async throws -> String {
        let words = try await space.ip("-6 -o address show dev \(link) scope link").split(separator: " ")
        return "\(try #require(words.first { $0.hasPrefix("fe80") }).prefix { $0 != "/" })"
    }

    private func routes(_ cable: ScratchCable) async throws -> String {
        try await cable.near.ip("-6 route show proto 213 dev near")
    }

    @Test func delegatedPrefixIsRoutedAndOutlivesAKilledGateway() async throws {
        try await ScratchCable.with { cable in
            let (folder, log) = (try ScratchFolder(), log)
            let before = try await cable.near.imprint()
            let begin: @Sendable () throws -> sending Reactor = {
                let reactor = try Reactor(name: "test")
                let journal = try Journal.waited(beside: "\(folder.path)/mag.sock")
                let service = try Self.service(on: reactor, journal: journal, log: log)
                // The reactor keeps it.
                let alarm = reactor.makeAlarm { _ = service }
                alarm.set(at: SystemClock.now() + .seconds(3600))
                try reactor.start()
                return reactor
            }
            var reactor: Reactor? = try cable.near.enter(begin)
            let prefix = try await ask(cable)
            #expect(prefix.length == 60)
            let address = try await address(of: "far", in: cable.far)
            #expect(try await routes(cable).contains("\(prefix) via \(address)"))
            // As when it is killed: nothing is undone.
            reactor?.stop()
            reactor = nil
            let next: @Sendable () throws -> sending (left: Int, routes: [Route]) = {
                let journal = try Journal.waited(beside: "\(folder.path)/mag.sock")
                let netlink = try NetlinkSocket()
                let left = try DelegatedRoutes.removeLeftovers(of: journal, lans: ["other", "near"], netlink)
                #expect(left.map(\.prefix) == [prefix] && left.map(\.holder.link) == [1])
                let present = try netlink.routes()
                #expect(!present.contains { $0.prefix == prefix })
                let own = left.map { lease in
                    var lease = lease
                    lease.holder.link = 0
                    return lease
                }
                let service = try Self.service(own, on: try Reactor(name: "next"), journal: journal, log: log)
                let routes = try netlink.routes().filter { $0.prefix == prefix }
                service.stop()
                journal.close(logger: log.logger)
                return (left.count, routes)
            }
            let restored = try cable.near.enter(next)
            #expect(restored.left == 1 && restored.routes.map { $0.gateway.map { "\($0)" } } == ["\(address)"])
            try await cable.near.leavesNothing(since: before)
            #expect(log.count("error") == 0 && log.count("is delegated to") == 2)
        }
    }

    @Test func secondServerOnALinkIsNotBegun() async throws {
        try await ScratchCable.with { cable in
            let code: @Sendable () throws -> sending Int32? = {
                let first = try DHCPv6Socket(device: "near")
                defer { _ = first }
                do throws(SystemError) {
                    _ = try DHCPv6Socket(device: "near")
                    return nil
                } catch {
                    return error.errno
                }
            }
            let refusal = try cable.near.enter(code)
            #expect(refusal == EADDRINUSE)
        }
    }
}
