// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A host walks from one gateway to another and back in the middle of an upload, and keeps its address and its connection
/// (RFC 5213 §6.9.1.1; Figure 4 of draft-seite-dmm-rg-multihoming). Nothing is done to the host but to replug its cable.
package struct MovesDemo: Sendable {
    /// From the beginning of the upload, in seconds: when the cable is replugged, and when all is over.
    private static let (firstMove, secondMove, end) = (4.0, 9.0, 14.0)
    /// Between two lines of the time line.
    private static let interval = 0.5
    /// How long the anchor is waited for when the cable was replugged.
    private static let patience = Duration.seconds(10)

    private let stage: Stage
    private let scene: MovesScene

    package init() throws {
        stage = try Stage()
        scene = MovesScene(folder: stage.folder)
    }

    private var narrator: Narrator { stage.narrator }
    private var anchor: DaemonView { DaemonView(program: stage.program, socket: scene.anchorSocket) }

    /// Whether everything went as it should; says so as well.
    package func run() async -> Bool { await stage.run(["ss", "tc", "ping", "iperf3"], play) }

    @Sendable private func play() async throws {
        narrator.say("building the network: host – mag1 or mag2 – wan1/wan2 – lma – server")
        var variant = LabVariant()
        variant.sites = 2
        try await stage.laboratory.up(try MovesScene.links(), variant)
        try await limitSecondGateway()
        try await layAccessLinks()
        try scene.writeConfigurations()
        try await stage.start("lma", in: Topology.anchor, configuration: scene.anchorFile)
        for (index, gateway) in Topology.gateways.enumerated() {
            try await stage.start("mag\(index + 1)", in: gateway, configuration: scene.gatewayFile(index + 1))
        }
        let address = try await arrive()
        narrator.say("the host at gateway 1 has \(address); the anchor's bindings:")
        narrator.show(try await anchor.table("bindings"))
        try await upload()
        let present = try await hostAddresses()
        guard present.contains(address) else { throw LabFailure("the host had \(address), and has \(present)") }
        narrator.say("the host still has \(address)")
    }

    /// The lab's second gateway has plain cables; what it sends shall meet as narrow a line as the first one's.
    private func limitSecondGateway() async throws {
        for wan in ["wan1", "wan2"] {
            let bucket = "tbf rate \(MovesScene.lineRate)mbit burst 32kb latency 60ms"
            let words = "tc qdisc add dev \(wan) root \(bucket)".split(separator: " ").map(String.init)
            try await Topology.gateways[1].run(words)
        }
    }

    // MARK: The host's cable

    private func layAccessLinks() async throws {
        for gateway in Topology.gateways {
            try await gateway.ip("link del lan0")
            try await gateway.ip("link add \(MovesScene.accessLink) type bridge forward_delay 0 mcast_snooping 0")
            try await gateway.ip("link set \(MovesScene.accessLink) up")
        }
        let (host, first) = (Topology.host, Topology.gateways[0])
        try await VirtualCable(one: .init(host, "eth0"), other: .init(first, MovesScene.plug)).lay()
        try await host.ip("link set eth0 address \(MovesScene.hostLink)")
        try await plugIn(first)
    }

    private func plugIn(_ gateway: LabNamespace) async throws {
        try await gateway.ip("link set \(MovesScene.plug) master \(MovesScene.accessLink) up")
    }

    private func hostAddresses() async throws -> [String] {
        try await Topology.host.ip("-6 -o addr show dev eth0 scope global -tentative -deprecated")
            .split(whereSeparator: \.isWhitespace).filter { $0.contains("/64") }.map(String.init)
    }

    /// The host's address, once it reaches the server.
    private func arrive() async throws -> String {
        let ping = Topology.host.inside(["ping", "-6", "-c", "1", "-W", "1", MovesScene.server])
        let reached = try await Patience.wait(.seconds(20), every: .milliseconds(100)) {
            for name in ["lma", "mag1", "mag2"] where await !stage.processes.isRunning(name) {
                throw LabFailure("\(name) has ended")
            }
            return try await Command.attempt(ping).succeeded
        }
        guard reached, let address = try await hostAddresses().first else {
            throw LabFailure("the host does not reach the server within 20 s")
        }
        return address
    }

    // MARK: The upload

    private func upload() async throws {
        try await stage.processes.start("iperf3-server", in: Topology.server, ["iperf3", "-s"])
        let listening = try await Patience.wait(.seconds(10)) {
            try await Topology.server.run(["ss", "-ltn"]).contains(":5201 ")
        }
        guard listening else { throw LabFailure("iperf3 does not listen") }
        narrator.say("an upload begins, and twenty pings a second beside it; what the gateways carry for the host:")
        // What some others learn of one gateway's lines they take for the other's as well.
        let words = ["iperf3", "-c", MovesScene.server, "-t", "\(Int(Self.end))", "-C", "cubic"]
        let pings = ["ping", "-6", "-n", "-D", "-i", "0.05", "-w", "\(Int(Self.end))", MovesScene.server]
        try await stage.processes.start("ping", in: Topology.host, pings)
        async let transfer = Command.attempt(Topology.host.inside(words))
        var timeline = try await GatewayTimeline(narrator, Topology.gateways)
        try await timeline.follow(until: Self.firstMove, every: Self.interval)
        try await move(from: 0, to: 1)
        try await timeline.follow(until: Self.secondMove, every: Self.interval)
        try await move(from: 1, to: 0)
        try await timeline.follow(until: Self.end, every: Self.interval)
        let outcome = try await transfer
        guard outcome.succeeded else { throw LabFailure("the upload broke: \(outcome.explanation)") }
        let sums = outcome.output.split(separator: "\n").filter { $0.contains("sender") || $0.contains("receiver") }
        narrator.say("the upload is complete, over one and the same connection:")
        narrator.show(sums.joined(separator: "\n"))
        narrator.say("between two pings' answers there were \(try await gaps()) ms at most")
    }

    private func move(from old: Int, to new: Int) async throws {
        let begin = ContinuousClock.now
        try await Topology.gateways[old].ip("link set \(MovesScene.plug) netns \(Topology.gateways[new].name)")
        try await plugIn(Topology.gateways[new])
        narrator.say("── the cable is pulled out of gateway \(old + 1) and put into gateway \(new + 1)")
        let isThere = try await Patience.wait(Self.patience, every: .milliseconds(5)) {
            try await anchor.bindings().contains { $0.gateway == "mag\(new + 1)@example.net" }
        }
        let milliseconds = Int((ContinuousClock.now - begin) / .milliseconds(1))
        guard isThere else { throw LabFailure("the anchor does not have the host at gateway \(new + 1)") }
        narrator.say("── \(milliseconds) ms later the anchor has it at gateway \(new + 1)")
    }

    /// The longest time without an answer, in milliseconds.
    private func gaps() async throws -> Int {
        let lines = await stage.processes.log("ping").split(separator: "\n")
        let times = lines.filter { $0.contains("bytes from") }.compactMap { line in
            Double(line.dropFirst().prefix { $0 != "]" })
        }
        guard times.count > 100 else { throw LabFailure("only \(times.count) pings were answered") }
        return Int((zip(times.dropFirst(), times).map { $0 - $1 }.max() ?? 0) * 1000)
    }
}
