// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import LinuxIO

/// The processes that a demo has started, by name; each prints to a log of that name.
actor DemoProcesses {
    private let folder: String
    private var running: [(name: String, process: ChildProcess)] = []
    private var names: [String] = []

    init(folder: String) { self.folder = folder }

    private func file(_ name: String) -> String { "\(folder)/\(name).log" }

    func start(_ name: String, in namespace: LabNamespace, _ words: [String]) throws {
        let process = try ChildProcess(starting: namespace.inside(words), output: file(name))
        running.append((name, process))
        if !names.contains(name) { names.append(name) }
    }

    func isRunning(_ name: String) -> Bool { running.contains { $0.name == name && $0.process.isRunning } }

    /// Asks it to end, and waits. False when it had to be killed.
    func stop(_ name: String, signal: Int32 = SIGTERM, within limit: Duration = .seconds(5)) async throws -> Bool {
        let stopping = running.filter { $0.name == name }.map(\.process)
        running.removeAll { $0.name == name }
        for process in stopping { process.signal(signal) }
        if try await Patience.wait(limit, until: { !stopping.contains(where: \.isRunning) }) { return true }
        for process in stopping where process.isRunning { process.signal(SIGKILL) }
        _ = try await Patience.wait(.seconds(2)) { !stopping.contains(where: \.isRunning) }
        return stopping.isEmpty
    }

    /// Ends all, the last started first. Returns the names of those that had to be killed.
    func stopAll() async throws -> [String] {
        var killed: [String] = []
        for name in running.map(\.name).reversed() where try await !stop(name) { killed.append(name) }
        return killed
    }

    /// The end of each log.
    func logs(lines: Int = 40) -> [(name: String, text: String)] {
        names.map { name in
            let text = (try? String(contentsOfFile: file(name), encoding: .utf8)) ?? ""
            return (name, text.split(separator: "\n").suffix(lines).joined(separator: "\n"))
        }
    }

    func log(_ name: String) -> String { (try? String(contentsOfFile: file(name), encoding: .utf8)) ?? "" }
}
