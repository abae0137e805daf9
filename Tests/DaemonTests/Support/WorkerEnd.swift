// SPDX-License-Identifier: Apache-2.0
import Daemon
import Forwarding
import Lab
import LinuxIO
import Testing
import Wire

/// A worker with its TUN device in a namespace: one end of tunnels.
struct WorkerEnd: Sendable {
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

    /// Two ends of a cable, with a host's addresses and routes of both families on each.
    static func withPair(_ test: (_ gateway: WorkerEnd, _ anchor: WorkerEnd) async throws -> Void) async throws {
        try await ScratchCable.with { cable in
            let gateway = try await WorkerEnd(cable.near, .gateway)
            let anchor = try await WorkerEnd(cable.far, .anchor)
            do {
                for end in [gateway, anchor] { try await end.giveAddresses() }
                try await test(gateway, anchor)
            } catch {
                for end in [gateway, anchor] { await end.stop() }
                throw error
            }
            for end in [gateway, anchor] { await end.stop() }
        }
    }

    /// The inner ends: the site's node at the gateway, a host of the network at the anchor.
    func giveAddresses() async throws {
        let (own, other) =
            role == .gateway
            ? (["2001:db8:1234::1/128", "10.1.0.1/32"], ["2001:db8:ffff::/64", "198.51.100.0/24"])
            : (["2001:db8:ffff::80/128", "198.51.100.9/32"], ["2001:db8:1234::/64", "10.1.0.0/24"])
        for address in own {
            try await space.ip("address add \(address) dev plait0\(address.contains(":") ? " nodad" : "")")
        }
        try await space.settle()
        for route in other {
            let source = role == .gateway && !route.contains(":") ? " src 10.1.0.1" : ""
            let back = role == .anchor && !route.contains(":") ? " src 198.51.100.9" : ""
            try await space.ip("\(route.contains(":") ? "-6" : "-4") route add \(route) dev plait0\(source)\(back)")
        }
    }

    func install(session distribution: Distribution, hasKeys: Bool = true) async throws {
        let keys: (UInt32, UInt32) = role == .gateway ? (1, 2) : (2, 1)
        let session = SessionParameters(
            prefixes: [try #require(IPPrefix("2001:db8:1234::/64")), try #require(IPPrefix("10.1.0.0/24"))],
            sendKey: hasKeys ? keys.0 : nil,
            receiveKey: hasKeys ? keys.1 : nil,
            distribution: distribution
        )
        worker.post(.forward(.installSession(SessionNumber(rawValue: 1), session)))
    }

    func install(
        path number: Int32,
        _ gateway: String,
        _ anchor: String,
        _ encapsulation: Encapsulation,
        device: String = "near",
        mtu: Int = 1500
    ) async throws {
        let ends = (try #require(IPAddress(gateway)), try #require(IPAddress(anchor)))
        let path = PathParameters(
            session: SessionNumber(rawValue: 1),
            local: role == .gateway ? ends.0 : ends.1,
            remote: role == .gateway ? ends.1 : ends.0,
            encapsulation: encapsulation,
            mtu: mtu,
            rate: nil,
            bindingIdentifier: UInt8(clamping: number),
            probeKey: SipKey(k0: 1, k1: 2)
        )
        let device = role == .gateway ? device : nil
        worker.post(.installPath(PathNumber(rawValue: number), path, device: device))
    }

    func conditions() async -> [PathCondition] { await paths().map(\.condition) }

    func paths() async -> [PathSnapshot] { await worker.snapshot().forwarder.sessions.flatMap(\.paths) }

    /// Which of the first so many pings from here to the host at the other end are not answered. It goes on for a few
    /// more: `ping` waits for the last of them no longer than two round trips, and with a deadline calls one lost that comes
    /// later than the next is sent.
    func unanswered(ofPings count: Int, isIPv4: Bool) async throws -> [Int] {
        let own = isIPv4 ? "10.1.0.1" : "2001:db8:1234::1"
        let other = isIPv4 ? "198.51.100.9" : "2001:db8:ffff::80"
        let options = ["-n", "-c", "\(count + 5)", "-i", "0.005", "-w", "20", "-s", "1000", "-I", own, other]
        let outcome = try await Command.attempt(space.inside(["ping", isIPv4 ? "-4" : "-6"] + options))
        let answers = outcome.output.split(separator: "\n").filter { $0.contains(" bytes from ") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("icmp_seq=") }.flatMap { Int($0.dropFirst(9)) }
        }
        return Set(1...count).subtracting(answers).sorted()
    }

    func stop() async {
        await worker.stop()
        reactor.stop()
    }
}
