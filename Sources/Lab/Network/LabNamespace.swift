// SPDX-License-Identifier: Apache-2.0

/// A network namespace of the lab, as `ip netns` knows it.
package struct LabNamespace: Hashable, Sendable {
    package var name: String

    package init(_ name: String) { self.name = name }

    /// Makes it, with the loopback up and the kernel settings that the lab needs everywhere.
    ///
    /// Addresses are usable at once (no duplicate detection), and nothing filters by reverse path:
    /// the gateway hears each WAN on its own interface, whatever the main table says.
    package func create(_ settings: [String] = []) async throws {
        try await Command.run(["ip", "netns", "add", name])
        let everywhere = [
            "net/ipv6/conf/all/accept_dad=0", "net/ipv6/conf/default/accept_dad=0",
            "net/ipv6/conf/default/dad_transmits=0",
            "net/ipv4/conf/all/rp_filter=0", "net/ipv4/conf/default/rp_filter=0",
        ]
        try await set(everywhere + settings)
        try await ip("link set lo up")
    }

    /// Sets kernel settings, as `net/ipv4/ip_forward=1`.
    package func set(_ settings: [String]) async throws {
        let script = settings.compactMap { setting -> String? in
            let halves = setting.split(separator: "=")
            return halves.count == 2 ? "echo \(halves[1]) > /proc/sys/\(halves[0])" : nil
        }
        try await run(["sh", "-ec", script.joined(separator: "\n")])
    }

    /// Waits until the IPv6 addresses receive: the kernel adds an address at once, and the local route to it as soon as a
    /// thread of its own gets the lock that whoever removes namespaces may hold for long.
    package func settle() async throws {
        let isSettled = try await Patience.wait(.seconds(30)) {
            let addresses = try await ip("-6 -o addr show -dadfailed").split(separator: "\n")
            let local = try await ip("-6 route show table local type local").split(separator: "\n")
            let receiving = Set(local.map { $0.split(separator: " ").dropFirst().first })
            return addresses.allSatisfy { line in
                let address = line.split(separator: " ").first { $0.contains("/") }?.split(separator: "/").first
                return !line.contains("tentative") && receiving.contains(address)
            }
        }
        guard isSettled else { throw LabFailure("the addresses in \(name) do not become usable") }
    }

    /// Runs `ip` with these words inside.
    @discardableResult
    package func ip(_ line: String) async throws -> String {
        try await Command.run("ip -n \(name) \(line)")
    }

    /// Runs a program inside.
    @discardableResult
    package func run(_ words: [String]) async throws -> String { try await Command.run(inside(words)) }

    /// The words that run a program inside.
    package func inside(_ words: [String]) -> [String] { ["ip", "netns", "exec", name] + words }

    /// The processes that are inside now.
    package func processes() async throws -> [Int32] {
        try await Command.run(["ip", "netns", "pids", name]).split(separator: "\n").compactMap { Int32($0) }
    }

    /// Those that exist, of all of the machine.
    package static func existing() async throws -> [LabNamespace] {
        try await Command.run("ip netns list").split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.map { LabNamespace(String($0)) }
        }
    }
}
