// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// What every demo stands on: a lab of its own, a folder, processes, somebody who tells what happens; and the promise that
/// nothing of it is left behind.
struct Stage: Sendable {
    private static let programs = ["ip", "ps", "ethtool"]

    /// Not by the process's number, which another namespace's may have too.
    let folder = "/tmp/plait-demo-" + String(UInt64.random(in: .min ... .max), radix: 36)
    let program: String
    let laboratory = Laboratory()
    let processes: DemoProcesses
    let narrator = Narrator()

    init() throws {
        program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        processes = DemoProcesses(folder: folder)
    }

    /// Plays with these programs at hand, and clears up however that ends. Whether everything went as it should.
    func run(_ programs: [String], _ play: @escaping @Sendable () async throws -> Void) async -> Bool {
        var failures: [String] = []
        let machine = try? await NetworkImprint.take(nil)
        var isOurs = false
        do {
            try Programs.require(Self.programs + programs)
            try await laboratory.requireAbsence()
            isOurs = true
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await Interruption.cancelling(play)
        } catch {
            failures.append("\(error)")
            narrator.say("FAILED: \(error)")
            await showLogs()
        }
        let remains = await clean(isOurs) + remains(machine)
        for failure in remains { narrator.say("FAILED: \(failure)") }
        failures += remains
        narrator.say(failures.isEmpty ? "done: all as it should be, and nothing left behind" : "the demo FAILED")
        return failures.isEmpty
    }

    /// A daemon of the role `lma` or `mag`; its name is the role's, with a number behind it if there are several.
    func start(_ name: String, in namespace: LabNamespace, configuration: String) async throws {
        let role = String(name.prefix { !$0.isNumber })
        try await processes.start(name, in: namespace, [program, role, "run", "--config", configuration])
    }

    private func showLogs() async {
        for (name, text) in await processes.logs() where !text.isEmpty {
            narrator.say("the end of the log of \(name):")
            narrator.show(text)
        }
    }

    /// Removes everything, and says what would not go.
    private func clean(_ isOurs: Bool) async -> [String] {
        var failures: [String] = []
        do {
            let killed = try await processes.stopAll()
            failures += killed.map { "\($0) did not end when asked and was killed" }
            // A lab that was there before us is not ours to remove.
            if isOurs { try await laboratory.down() }
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
        } catch {
            failures.append("cleaning up: \(error)")
        }
        return failures
    }

    private func remains(_ machine: NetworkImprint?) async -> [String] {
        var remains: [String] = []
        do {
            let namespaces = try await LabNamespace.existing().filter(Topology.all.contains)
            remains += namespaces.map { "left behind: namespace \($0.name)" }
            if let machine {
                let changes = try await NetworkImprint.take(nil).changes(since: machine)
                remains += changes.map { "left behind on this machine: \($0)" }
            }
            let processes = try await Command.run(["ps", "-eo", "pid,args"]).split(separator: "\n")
            remains += processes.filter { $0.contains(folder) || $0.contains("lab emulate") }
                .map { "left behind: process \($0)" }
        } catch {
            remains.append("looking for remains: \(error)")
        }
        return remains
    }
}
