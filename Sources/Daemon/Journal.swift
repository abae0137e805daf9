// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
package import LinuxIO
package import Logging
import Synchronization

/// What a daemon has changed in the kernel and must put back, in a file beside its management socket: what a killed daemon
/// left there is put back by the next one.
///
/// Something is noted before it is done, and struck out after it is undone. A running daemon holds the file, so that a
/// second one with the same socket does not start. Any thread may write.
package final class Journal: Sendable {
    /// A change that outlives the process.
    package enum Entry: Codable, Hashable, Sendable {
        /// `path` is below `/proc/sys`.
        case setting(path: String, previous: String, value: String, reason: String)
        /// On the link of that name.
        case address(String, prefixLength: Int, link: String)
        /// A route by the link, and whose prefix that is (`DelegatedRoutes`).
        case delegation(String, router: String, link: String, client: [UInt8], association: UInt32)
        /// The link's own, which was another before.
        case linkLayerAddress([UInt8], previous: [UInt8], link: String)
        /// The kernel was told where a neighbour on the link of that name is.
        case neighbor(String, link: String)
    }

    /// Tells the entries apart.
    package typealias Number = Int

    private struct Line: Codable {
        var number: Number
        /// nil strikes it out.
        var entry: Entry?
    }

    /// Whose the file is: what another start of the machine, or another network, has seen is not there to be put back.
    private struct Owner: Codable {
        var boot: String
        var network: String
        var process: Int32
    }

    private struct State {
        var open: [Number: Entry] = [:]
        var last: Number = 0
    }

    private let file: LockedFile
    private let state: Mutex<State>
    /// What a daemon left that was killed, in its order.
    package let leftovers: [(number: Number, entry: Entry)]
    /// What a daemon left in another network waits for one there.
    private let isOthersToo: Bool

    package static func path(beside socket: String) -> String { "\(socket).settings" }

    /// Takes hold of the file. Throws `EWOULDBLOCK` if a daemon with this socket runs.
    package init(beside socket: String) throws(SystemError) {
        let path = Self.path(beside: socket)
        file = try LockedFile(path: path)
        let owner = try Self.owner()
        var state = State()
        var others: [String: Set<Number>] = [:]
        // Each daemon that had the file began with a line about itself.
        var network: String?
        for line in try LockedFile.text(at: path).split(separator: "\n") {
            if let before = Self.decode(Owner.self, line) {
                network = before.boot == owner.boot ? before.network : nil
            } else if let network, let line = Self.decode(Line.self, line) {
                if network == owner.network {
                    state.open[line.number] = line.entry
                    state.last = max(state.last, line.number)
                } else if line.entry == nil {
                    others[network]?.remove(line.number)
                } else {
                    others[network, default: []].insert(line.number)
                }
            }
        }
        leftovers = state.open.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        isOthersToo = others.values.contains { !$0.isEmpty }
        if leftovers.isEmpty && !isOthersToo { try file.removeContents() }
        // A last line without its end was not written to the end: what it announces was not done.
        try file.append("\n" + Self.encode(owner))
        self.state = Mutex(state)
    }

    /// The process that holds the file, if it is running and has said so.
    package static func holder(beside socket: String) -> Int32? {
        guard let text = try? LockedFile.text(at: path(beside: socket)) else { return nil }
        return text.split(separator: "\n").compactMap { decode(Owner.self, $0) }.last?.process
    }

    /// Comes before the change itself. If it throws, the change must not be made.
    package func note(_ entry: Entry) throws(SystemError) -> Number {
        let file = file
        return try state.withLock { (state) throws(SystemError) -> Number in
            let number = state.last &+ 1
            try file.append(Self.encode(Line(number: number, entry: entry)))
            state.last = number
            state.open[number] = entry
            return number
        }
    }

    /// The change is no more.
    package func strike(_ number: Number) throws(SystemError) {
        let file = file
        try state.withLock { (state) throws(SystemError) -> Void in
            guard state.open.removeValue(forKey: number) != nil else { return }
            try file.append(Self.encode(Line(number: number)))
        }
    }

    /// At the end: the file goes if nothing is left to be put back, else it waits for the next start.
    package func close(logger: Logger) {
        guard !isOthersToo, state.withLock({ $0.open.isEmpty }) else { return }
        do throws(SystemError) {
            try file.remove()
        } catch {
            logger.error("\(error)")
        }
    }

    private static func owner() throws(SystemError) -> Owner {
        let boot = KernelSetting(path: "kernel/random/boot_id")
        return Owner(
            boot: try boot.map { (setting) throws(SystemError) in try Sysctl.read(setting) } ?? "",
            network: try NetworkNamespace.currentIdentity(),
            process: getpid()
        )
    }

    /// A line with its end.
    private static func encode(_ value: some Encodable) -> String {
        // Texts and numbers can always be encoded.
        ((try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ line: Substring) -> Value? {
        try? JSONDecoder().decode(type, from: Data(line.utf8))
    }
}
