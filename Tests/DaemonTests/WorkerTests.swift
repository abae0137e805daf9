// SPDX-License-Identifier: Apache-2.0
import Daemon
import Forwarding
import Glibc
import Lab
import LinuxIO
import Testing
import Wire

extension Worker {
    /// What the kernel says of the worker's thread.
    fileprivate func scheduling() -> (policy: Int32, priority: Int32) {
        var parameters = sched_param()
        sched_getparam(0, &parameters)
        return (sched_getscheduler(0), parameters.sched_priority)
    }
}

/// Two workers at the ends of a cable: packets from TUN device to TUN device.
@Suite struct WorkerTests {
    @Test func packetsPassOverUnlikePathsAndNoSlotIsLost() async throws {
        try await WorkerEnd.withPair { gateway, anchor in
            for end in [gateway, anchor] {
                try await end.install(session: .perPacket(reorderTimeout: .milliseconds(50)))
                try await end.install(path: 1, "2001:db8:1::1", "2001:db8:1::2", .gre)
                try await end.install(path: 2, "192.0.2.1", "192.0.2.2", .udpTLVGRE)
            }
            let areAlive = try await Patience.wait(.seconds(30)) {
                let both = await gateway.conditions() + anchor.conditions()
                return both == [.alive, .alive, .alive, .alive]
            }
            #expect(areAlive)
            let lost = try await gateway.unanswered(ofPings: 40, isIPv4: false)
            #expect(lost == [])
            for end in [gateway, anchor] {
                let paths = await end.worker.snapshot().forwarder.sessions.flatMap(\.paths)
                #expect(paths.allSatisfy { $0.counters.sentPackets >= 15 && $0.counters.receivedPackets >= 15 })
                for number in [1, 2] as [Int32] { end.worker.post(.removePath(PathNumber(rawValue: number))) }
                let snapshot = await end.worker.snapshot()
                #expect(snapshot.forwarder.slotsOutstanding == 0)
                #expect(snapshot.counters == WorkerCounters())
                #expect(end.log.lines.isEmpty)
            }
        }
    }

    @Test func aSilentCableIsToldWithTheTimeItTook() async throws {
        try await WorkerEnd.withPair { gateway, anchor in
            for end in [gateway, anchor] {
                try await end.install(session: .perFlow)
                try await end.install(path: 1, "2001:db8:1::1", "2001:db8:1::2", .gre)
            }
            #expect(try await Patience.wait(.seconds(30)) { await gateway.conditions() == [.alive] })
            // The carrier stays.
            try await anchor.space.ip("address del 2001:db8:1::2/64 dev far")
            try await anchor.space.ip("-6 route flush dev far")
            #expect(try await Patience.wait(.seconds(30)) { await gateway.conditions() == [.silent] })
            let times = gateway.events.entries.compactMap { event -> Duration? in
                guard case .pathCondition(_, .silent, because: .nothingHeard(let duration)?) = event else { return nil }
                return duration
            }
            // A second and a timer's lateness; ten times that of an idle machine is the failure.
            #expect(times.count == 1 && times.allSatisfy { $0 > .milliseconds(900) && $0 < .seconds(3) }, "\(times)")
        }
    }

    @Test func aPathWhoseAddressComesLaterIsTakenUp() async throws {
        try await WorkerEnd.withPair { gateway, anchor in
            for end in [gateway, anchor] { try await end.install(session: .perFlow) }
            try await anchor.install(path: 1, "192.0.2.77", "192.0.2.2", .udpTLVGRE)
            try await gateway.install(path: 1, "192.0.2.77", "192.0.2.2", .udpTLVGRE)
            #expect(await gateway.conditions().isEmpty)
            try await gateway.space.ip("address add 192.0.2.77/24 dev near")
            #expect(try await Patience.wait(.seconds(30)) { await gateway.conditions() == [.alive] })
            #expect(gateway.log.lines.count == 1 && gateway.log.count("is tried again") == 1)
        }
    }

    /// A process that is just being started holds a copy of every socket, also of those that are closed meanwhile.
    @Test func aPortThatIsStillHeldIsTakenWhenItIsFree() async throws {
        try await WorkerEnd.withPair { gateway, anchor in
            for end in [gateway, anchor] { try await end.install(session: .perFlow) }
            let own = try #require(IPAddress("192.0.2.1"))
            var holder: SignalingSocket? = try gateway.space.enter {
                try SignalingSocket(.udp(port: MobilityPort.data), boundTo: own, device: "near")
            }
            for end in [anchor, gateway] { try await end.install(path: 1, "192.0.2.1", "192.0.2.2", .udpTLVGRE) }
            #expect(await gateway.conditions().isEmpty)
            withExtendedLifetime(holder) {}
            #expect(gateway.log.count("Address already in use; is tried again") == 1)
            holder = nil
            #expect(try await Patience.wait(.seconds(30)) { await gateway.conditions() == [.alive] })
        }
    }

    /// Of all threads only those that carry packets: others would hold back the machine's own.
    @Test(.enabled("the system lets nobody go before others") { await WorkerTests.mayGoBeforeOthers() })
    func packetsGoBeforeOrdinaryThreads() async throws {
        try await WorkerEnd.withPair { gateway, anchor in
            for end in [gateway, anchor] {
                let own = await end.worker.scheduling()
                #expect(own.policy == SCHED_RR && own.priority == 1)
                #expect(end.log.count("packets wait for other programs") == 0)
            }
            // Who is not told to does not.
            #expect(sched_getscheduler(getpid()) == SCHED_OTHER && sched_getscheduler(0) == SCHED_OTHER)
        }
    }

    /// Asked of a program of its own: what is tested here is not to tell.
    private static func mayGoBeforeOthers() async -> Bool { (try? await Command.run("chrt --rr 1 true")) != nil }

    @Test func aTUNDeviceThatIsDeletedIsToldOnce() async throws {
        try await WorkerEnd.withPair { gateway, _ in
            try await gateway.space.ip("link del plait0")
            #expect(try await Patience.wait(.seconds(30)) { gateway.failures.entries.count == 1 })
            #expect(await gateway.worker.snapshot().counters.tunErrors == 1)
            #expect(gateway.failures.entries.count == 1)
        }
    }
}
