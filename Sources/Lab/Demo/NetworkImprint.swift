// SPDX-License-Identifier: Apache-2.0

/// Devices, addresses, routes, rules and interface settings of a namespace, to see what a program left behind.
package struct NetworkImprint: Sendable {
    private var lines: Set<String>

    /// Of a namespace, or of the machine itself.
    package static func take(_ namespace: LabNamespace?) async throws -> NetworkImprint {
        // Counters and remaining times differ from one look to the next.
        let script = """
            { ip -o link; ip -o addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; } |
              sed -e 's/expires [0-9]*sec//' -e 's/valid_lft [^ ]*//' -e 's/preferred_lft [^ ]*//' -e 's/ dadfailed//'
            grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward || true
            """
        let words = ["sh", "-ec", script]
        let text = try await Command.run(namespace?.inside(words) ?? words)
        return NetworkImprint(lines: Set(text.split(separator: "\n").map(String.init)))
    }

    /// What is here and was not there before, and the other way round with a minus.
    package func changes(since before: NetworkImprint) -> [String] {
        lines.subtracting(before.lines).sorted() + before.lines.subtracting(lines).sorted().map { "- \($0)" }
    }
}
