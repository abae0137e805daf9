// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A gateway with two access networks and its anchor carry real traffic, in namespaces of this machine.
///
/// Everything it makes is removed at the end, whatever happened, and the demo looks for remains.
package struct Demo: Sendable {
    private static let programs = ["ss", "ping", "curl", "iperf3", "python3", "sha256sum", "head"]

    private let stage: Stage
    private let scene: DemoScene
    private let captureFolder: String?

    /// `captureFolder`, if given, receives the signalling as wan1.pcap and wan2.pcap.
    package init(captureFolder: String?) throws {
        stage = try Stage()
        scene = DemoScene(folder: stage.folder, program: stage.program)
        self.captureFolder = captureFolder
    }

    private var laboratory: Laboratory { stage.laboratory }
    private var processes: DemoProcesses { stage.processes }
    private var narrator: Narrator { stage.narrator }
    private var anchor: DaemonView { DaemonView(program: scene.program, socket: scene.anchorSocket) }
    private var gateway: DaemonView { DaemonView(program: scene.program, socket: scene.gatewaySocket) }

    /// Whether everything went as it should; says so as well.
    package func run() async -> Bool {
        await stage.run(Self.programs + (captureFolder == nil ? [] : ["tcpdump"]), play)
    }

    @Sendable private func play() async throws {
        narrator.say("building the network: host – mag – wan1/wan2 – lma – server")
        try await laboratory.up(try DemoScene.links())
        narrator.show(StatusTable.text(try laboratory.emulator.status()))
        try await scene.prepare()
        try await startCapture()
        try await startServers()
        let imprints = try await takeImprints()
        let checksum = try await DemoDownload.checksum(of: scene.webFolder + "/file")
        let throughput = DemoThroughput(laboratory: laboratory, narrator: narrator)
        let download = DemoDownload(scene: scene, laboratory: laboratory, gateway: gateway, narrator: narrator)

        var numbering = try await bringUp(.perPacket)
        try await ping()
        try await download.run(from: "[\(DemoScene.serverIPv6)]", checksum: checksum)
        try await download.run(from: DemoScene.serverIPv4, checksum: checksum)
        narrator.show(try await gateway.table("paths"))
        try await throughput.run(.perPacket, family: "IPv6", server: DemoScene.serverIPv6)
        try await throughput.run(.perPacket, family: "IPv4", server: DemoScene.serverIPv4)
        try await shutDown(numbering, imprints)

        numbering = try await bringUp(.perFlow)
        try await throughput.run(.perFlow, family: "IPv6", server: DemoScene.serverIPv6)
        try await throughput.run(.perFlow, family: "IPv4", server: DemoScene.serverIPv4)
        narrator.show(try await gateway.table("paths"))
        try await shutDown(numbering, imprints)
    }
}

// MARK: - Daemons

extension Demo {
    /// Starts anchor and gateway, waits until both paths are up, and numbers the host.
    private func bringUp(_ distribution: DemoScene.Distribution) async throws -> HostNumbering {
        narrator.say("starting anchor and gateway, distribution \(distribution.rawValue)")
        try scene.writeConfigurations(distribution)
        try await stage.start("lma", in: Topology.anchor, configuration: scene.anchorFile)
        try await stage.start("mag", in: Topology.gateway, configuration: scene.gatewayFile)
        let registered = try await Patience.wait(.seconds(20), every: .milliseconds(100)) {
            for name in ["lma", "mag"] where await !processes.isRunning(name) {
                throw LabFailure("'plait \(name) run' has ended")
            }
            guard let paths = try? await gateway.paths() else { return false }
            return paths.count == 2 && paths.allSatisfy(\.isUp)
        }
        guard registered else { throw LabFailure("both paths were not up within 20 s") }
        narrator.say("both paths are up: wan1 by GRE over IPv6, wan2 by UDP and GRE over IPv4; the anchor's bindings:")
        narrator.show(try await anchor.table("bindings"))
        narrator.say("the gateway's paths:")
        narrator.show(try await gateway.table("paths"))
        return try await numberHost()
    }

    private func numberHost() async throws -> HostNumbering {
        let prefixes = try await anchor.bindings().flatMap(\.delegatedPrefixes)
        guard let numbering = prefixes.compactMap(HostNumbering.init(prefix:)).first else {
            throw LabFailure("the anchor delegated no IPv4 prefix: \(prefixes)")
        }
        let wasAdded = try await laboratory.numberHost(numbering.address, router: numbering.router)
        let addressed = try await Patience.wait(.seconds(15), every: .milliseconds(100)) {
            let text = try await Topology.host.ip("-6 -o addr show dev eth0 scope global -tentative -deprecated")
            let route = try await Topology.host.ip("-6 route show default")
            return text.contains("inet6") && !route.isEmpty
        }
        guard addressed else { throw LabFailure("the host got no IPv6 address by router advertisement within 15 s") }
        let addresses = try await Topology.host.ip("-o addr show dev eth0 scope global")
        let words = addresses.split(whereSeparator: \.isWhitespace).filter { $0.contains("/") }
        narrator.say("the host has \(words.joined(separator: " and "))")
        var result = numbering
        result.gatewayAddressIsOurs = wasAdded
        return result
    }

    /// Ends both daemons and looks whether they took back all they had set.
    private func shutDown(_ numbering: HostNumbering, _ before: [LabNamespace: NetworkImprint]) async throws {
        narrator.say("ending gateway and anchor")
        for name in ["mag", "lma"] where try await !processes.stop(name) {
            throw LabFailure("'plait \(name) run' did not end within 5 s of SIGTERM")
        }
        if numbering.gatewayAddressIsOurs {
            try await Topology.gateway.ip("addr del \(numbering.routerWithLength) dev lan0")
        }
        try await Topology.host.ip("addr flush dev eth0 scope global")
        for (namespace, imprint) in before {
            let changes = try await NetworkImprint.take(namespace).changes(since: imprint)
            guard changes.isEmpty else {
                throw LabFailure("left in \(namespace.name): \(changes.joined(separator: " | "))")
            }
        }
        narrator.say("they left no device, address, route, rule or setting in their namespaces")
    }

    private func takeImprints() async throws -> [LabNamespace: NetworkImprint] {
        var imprints: [LabNamespace: NetworkImprint] = [:]
        for namespace in [Topology.gateway, Topology.anchor] {
            imprints[namespace] = try await NetworkImprint.take(namespace)
        }
        return imprints
    }
}

// MARK: - Traffic

extension Demo {
    private func startServers() async throws {
        let web = ["python3", "-m", "http.server", "8080", "--bind", "::", "--directory", scene.webFolder]
        try await processes.start("web", in: Topology.server, web)
        try await processes.start("iperf3", in: Topology.server, ["iperf3", "-s"])
        let listening = try await Patience.wait(.seconds(10)) {
            let sockets = try await Topology.server.run(["ss", "-ltn"])
            return sockets.contains(":8080 ") && sockets.contains(":5201 ")
        }
        guard listening else { throw LabFailure("the web server and iperf3 do not listen") }
    }

    private func startCapture() async throws {
        guard let captureFolder else { return }
        try FileManager.default.createDirectory(atPath: captureFolder, withIntermediateDirectories: true)
        for wan in ["wan1", "wan2"] {
            let file = "\(captureFolder)/\(wan).pcap"
            let filter = "ip6 proto 135 or udp port 5436"
            let words = ["tcpdump", "-Z", "root", "-i", wan, "-U", "-w", file, filter]
            try await processes.start("tcpdump-\(wan)", in: Topology.gateway, words)
            let started = try await Patience.wait(.seconds(10)) {
                await processes.log("tcpdump-\(wan)").contains("listening on")
            }
            guard started else { throw LabFailure("tcpdump did not start on \(wan)") }
        }
        narrator.say("capturing the signalling into \(captureFolder)/wan1.pcap and wan2.pcap")
    }

    private func ping() async throws {
        for (family, server) in [("IPv6", DemoScene.serverIPv6), ("IPv4", DemoScene.serverIPv4)] {
            let words = ["ping", "-n", "-c", "10", "-i", "0.1", "-W", "2", server]
            let outcome = try await Command.attempt(Topology.host.inside(words))
            let summary = outcome.output.split(separator: "\n").suffix(2).joined(separator: "; ")
            narrator.say("ping over inner \(family): \(summary)")
            guard outcome.output.contains(" 0% packet loss") else {
                throw LabFailure("ping over inner \(family) lost packets: \(outcome.explanation)")
            }
        }
    }
}
