// SPDX-License-Identifier: Apache-2.0
import Daemon
import Forwarding
import Lab
import LinuxIO
import Testing
import Wire

/// Two workers at the ends of a cable: packets from TUN device to TUN device.
@Suite struct WorkerTests {
    /// One end, in its namespace.
    private struct End: Sendable {
        let space: LabNamespace
        let role: Forwarding.Role
        let reactor: Reactor
        let worker: Worker
        let log = LogLines()
        let events = Record<ForwardingEvent>()
        let failures = Record<SystemError>()

        init(_ space: LabNamespace, _ role: Forwarding.Role) async throws {
            self.space = space
            self.role = role
            let reactor = try space.reactor()
            let logger = log.logger
            worker = try space.enter {
                let tun = try TUNDevice(name: "plait0")
                try NetlinkSocket().setLink(tun.index, up: true)
                return Worker(role: role, tun: tun, on: reactor, seed: 1, logger: logger)
            }
            self.reactor = reactor
            let (events, failures) = (events, failures)
            try await worker.start(
                report: { for event in $0 { events.note(event) } },
                ended: { failures.note($0) }
            )
        }

        func install(session distribution: Distribution) async throws {
            let keys: (UInt32, UInt32) = role == .gateway ? (1, 2) : (2, 1)
            let session = SessionParameters(
                prefixes: [try #require(IPPrefix("2001:db8:1234::/64")), try #require(IPPrefix("10.1.0.0/24"))],
                sendKey: keys.0,
                receiveKey: keys.1,
                distribution: distribution
            )
            await worker.perform(.forward(.installSession(SessionNumber(rawValue: 1), session)))
        }

        func install(path number: Int32, _ gateway: String, _ anchor: String, _ encapsulation: Encapsulation)
            async throws
        {
            let ends = (try #require(IPAddress(gateway)), try #require(IPAddress(anchor)))
            let path = PathParameters(
                session: SessionNumber(rawValue: 1),
                local: role == .gateway ? ends.0 : ends.1,
                remote: role == .gateway ? ends.1 : ends.0,
                encapsulation: encapsulation,
                mtu: 1500,
                rate: nil,
                bindingIdentifier: UInt8(clamping: number),
                probeKey: SipKey(k0: 1, k1: 2)
            )
            let device = role == .gateway ? "near" : nil
            await worker.perform(.installPath(PathNumber(rawValue: number), path, device: device))
        }

        func conditions() async -> [PathCondition] {
            await worker.snapshot().forwarder.sessions.flatMap(\.paths).map(\.condition)
        }

        func stop() async {
            await worker.stop()
            reactor.stop()
        }
    }

    private func withPair(_ test: (_ gateway: End, _ anchor: End) async throws -> Void) async throws {
        try await ScratchCable.with { cable in
            let gateway = try await End(cable.near, .gateway)
            let anchor = try await End(cable.far, .anchor)
            for (space, own, route) in [
                (cable.near, "2001:db8:1234::1/128", "2001:db8:ffff::/64"),
                (cable.far, "2001:db8:ffff::80/128", "2001:db8:1234::/64"),
            ] {
                try await space.ip("address add \(own) dev plait0")
                try await space.ip("-6 route add \(route) dev plait0")
            }
            do {
                try await test(gateway, anchor)
            } catch {
                for end in [gateway, anchor] { await end.stop() }
                throw error
            }
            for end in [gateway, anchor] { await end.stop() }
        }
    }

    @Test func packetsPassOverUnlikePathsAndNoSlotIsLost() async throws {
        try await withPair { gateway, anchor in
            for end in [gateway, anchor] {
                try await end.install(session: .perPacket(reorderTimeout: .milliseconds(50)))
                try await end.install(path: 1, "2001:db8:1::1", "2001:db8:1::2", .gre)
                try await end.install(path: 2, "192.0.2.1", "192.0.2.2", .udpTLVGRE)
            }
            let areAlive = try await Patience.wait(.seconds(5)) {
                let both = await gateway.conditions() + anchor.conditions()
                return both == [.alive, .alive, .alive, .alive]
            }
            #expect(areAlive)
            let ping = ["ping", "-6", "-c", "40", "-i", "0.005", "-w", "5", "-s", "1000", "-I", "2001:db8:1234::1"]
            let output = try await gateway.space.run(ping + ["2001:db8:ffff::80"])
            #expect(output.contains("40 received"))
            for end in [gateway, anchor] {
                let paths = await end.worker.snapshot().forwarder.sessions.flatMap(\.paths)
                #expect(paths.allSatisfy { $0.counters.sentPackets >= 15 && $0.counters.receivedPackets >= 15 })
                for number in [1, 2] as [Int32] { await end.worker.perform(.removePath(PathNumber(rawValue: number))) }
                let snapshot = await end.worker.snapshot()
                #expect(snapshot.forwarder.slotsOutstanding == 0)
                #expect(snapshot.counters == WorkerCounters())
                #expect(end.log.lines.isEmpty)
            }
        }
    }

    @Test func aSilentCableIsToldWithTheTimeItTook() async throws {
        try await withPair { gateway, anchor in
            for end in [gateway, anchor] {
                try await end.install(session: .perFlow)
                try await end.install(path: 1, "2001:db8:1::1", "2001:db8:1::2", .gre)
            }
            #expect(try await Patience.wait(.seconds(5)) { await gateway.conditions() == [.alive] })
            // The carrier stays.
            try await anchor.space.ip("address del 2001:db8:1::2/64 dev far")
            try await anchor.space.ip("-6 route flush dev far")
            #expect(try await Patience.wait(.seconds(5)) { await gateway.conditions() == [.silent] })
            let times = gateway.events.entries.compactMap { event -> Duration? in
                guard case .pathCondition(_, .silent, because: .nothingHeard(let duration)?) = event else { return nil }
                return duration
            }
            #expect(times.count == 1 && times.allSatisfy { $0 > .milliseconds(900) && $0 < .milliseconds(1200) })
        }
    }

    @Test func aPathWhoseAddressComesLaterIsTakenUp() async throws {
        try await withPair { gateway, anchor in
            for end in [gateway, anchor] { try await end.install(session: .perFlow) }
            try await anchor.install(path: 1, "192.0.2.77", "192.0.2.2", .udpTLVGRE)
            try await gateway.install(path: 1, "192.0.2.77", "192.0.2.2", .udpTLVGRE)
            #expect(await gateway.conditions().isEmpty)
            try await gateway.space.ip("address add 192.0.2.77/24 dev near")
            #expect(try await Patience.wait(.seconds(5)) { await gateway.conditions() == [.alive] })
            #expect(gateway.log.lines.count == 1 && gateway.log.count("is tried again") == 1)
        }
    }

    @Test func aTUNDeviceThatIsDeletedIsToldOnce() async throws {
        try await withPair { gateway, _ in
            try await gateway.space.ip("link del plait0")
            #expect(try await Patience.wait(.seconds(5)) { gateway.failures.entries.count == 1 })
            #expect(await gateway.worker.snapshot().counters.tunErrors == 1)
            #expect(gateway.failures.entries.count == 1)
        }
    }
}
