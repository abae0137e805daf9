// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import LinuxIO

/// The test network on this machine: brings it up, changes it, takes it down. There is at most one.
package struct Laboratory: Sendable {
    static let folder = "/run/plait-lab"
    private static let socket = folder + "/emulator.sock"
    private static let pidFile = folder + "/emulator.pid"
    private static let log = folder + "/emulator.log"
    static let state = folder + "/state.json"

    package init() {}

    /// The running emulator.
    package var emulator: EmulatorClient { EmulatorClient(socket: Self.socket) }

    /// Builds all of it with these links; nothing stays behind when it fails.
    package func up(_ links: [String: LinkChanges], _ variant: LabVariant = LabVariant()) async throws {
        try variant.check()
        try await requireAbsence()
        try Programs.require(variant.programs)
        do {
            let topology = Topology(variant)
            try await topology.build()
            try await startEmulator()
            try await topology.settle()
            try LabState(variant).write(to: Self.state)
            if variant.isDynamic { try await number(topology) }
            for (link, changes) in links { try emulator.change(link, LinkDirection.allCases, changes) }
        } catch {
            let failure = error
            try? await down()
            throw failure
        }
    }

    /// Throws unless a lab can be built: by root, with the programs it takes, and with none there already.
    package func requireAbsence() async throws {
        guard geteuid() == 0 else { throw LabFailure("the lab needs root: it makes network namespaces") }
        try Programs.require(["ip", "ethtool", "sh"])
        let left = try await LabNamespace.existing().filter(Topology.all.contains)
        guard left.isEmpty, !FileManager.default.fileExists(atPath: Self.folder) else {
            throw LabFailure("the lab is up already, or remains of it are: 'plait lab down' removes it")
        }
    }

    private func startEmulator() async throws {
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let links = Topology.links.flatMap { ["--link", $0.argument] }
        let words = [program, "lab", "emulate", "--namespace", Topology.emulator.name, "--socket", Self.socket]
        let process = try ChildProcess(starting: words + links, output: Self.log)
        try "\(process.identifier)\n".write(toFile: Self.pidFile, atomically: true, encoding: .utf8)
        let answered = try await Patience.wait(.seconds(10)) { (try? emulator.status()) != nil || !process.isRunning }
        guard answered, process.isRunning else {
            let said = (try? String(contentsOfFile: Self.log, encoding: .utf8)) ?? ""
            throw LabFailure("the link emulator did not start: \(said)")
        }
    }

    /// Removes whatever of the lab there is: ends the processes in its namespaces and the emulator.
    package func down() async throws {
        let present = try await LabNamespace.existing().filter(Topology.all.contains)
        var processes = emulatorProcess().map { [$0] } ?? []
        for namespace in present where namespace != Topology.emulator {
            processes += try await namespace.processes().map(ChildProcess.init(identifier:))
        }
        try await Self.end(processes)
        for namespace in present { try await Command.run(["ip", "netns", "delete", namespace.name]) }
        if FileManager.default.fileExists(atPath: Self.folder) {
            try FileManager.default.removeItem(atPath: Self.folder)
        }
    }

    /// The emulator by its pid file, if the number still belongs to it.
    private func emulatorProcess() -> ChildProcess? {
        guard let text = try? String(contentsOfFile: Self.pidFile, encoding: .utf8),
            let identifier = Int32(text.split(separator: "\n").first ?? ""),
            let line = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(identifier)/cmdline")),
            String(decoding: line, as: UTF8.self).contains("emulate\0--namespace\0\(Topology.emulator.name)")
        else { return nil }
        return ChildProcess(identifier: identifier)
    }

    private static func end(_ processes: [ChildProcess]) async throws {
        for process in processes { process.signal(SIGTERM) }
        if try await Patience.wait(.seconds(3), until: { !processes.contains(where: \.isRunning) }) { return }
        for process in processes where process.isRunning { process.signal(SIGKILL) }
        _ = try await Patience.wait(.seconds(2)) { !processes.contains(where: \.isRunning) }
    }

    /// Takes the carrier of one of the gateway's WANs away, or gives it back.
    package func setCarrier(_ link: String, on: Bool) async throws {
        guard let interface = Topology.carrierInterface(link) else {
            throw SettingError(key: "link", value: link, expected: "wan1 or wan2")
        }
        try await Topology.emulator.ip("link set \(interface) \(on ? "up" : "down")")
    }

    /// Numbers a site's host: an address with its prefix length from the delegated prefix, and its router.
    ///
    /// The router's address is put on the gateway's LAN interface where nobody has done so; returns whether it was.
    @discardableResult
    package func numberHost(_ address: String, router: String, site: Int = 1) async throws -> Bool {
        guard Topology.hosts.indices.contains(site - 1) else {
            throw SettingError(key: "site", value: "\(site)", expected: "1 or 2")
        }
        let (host, gateway) = (Topology.hosts[site - 1], Topology.gateways[site - 1])
        try await host.ip("addr replace \(address) dev eth0")
        let length = address.split(separator: "/").dropFirst().first ?? "24"
        let present = try await gateway.ip("-4 -o addr show")
        let isMissing = !present.contains(" \(router)/")
        if isMissing { try await gateway.ip("addr add \(router)/\(length) dev lan0") }
        try await host.ip("route replace default via \(router) dev eth0")
        return isMissing
    }

    /// Becomes a program in one of the lab's namespaces. Returns only to throw.
    package func execute(_ words: [String], in namespace: String) throws -> Never {
        let short = namespace.hasPrefix("plait-") ? namespace : "plait-" + namespace
        guard let space = Topology.all.first(where: { $0.name == short }) else {
            let names = Topology.all.map(\.name).joined(separator: ", ")
            throw SettingError(key: "namespace", value: namespace, expected: "one of \(names)")
        }
        try ChildProcess.replaceThisProcess(with: space.inside(words))
    }

    /// Serves links in a namespace until it is ended; what `plait lab emulate` does.
    package static func emulate(namespace: String, links: [EmulatedLink], socket: String) throws {
        try EmulatorLoop(namespace: namespace, links: links, socket: socket, seed: 1).run()
    }
}
