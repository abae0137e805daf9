// SPDX-License-Identifier: Apache-2.0
import LinuxIO

/// A table of the kernel's packet filter (nftables) that is ours alone; its name tells whose.
package struct FilterTable: Equatable, Sendable {
    /// `plait-DEVICE`: two daemons on one machine do not meet, and the next run of this one finds what a killed one left.
    package let name: String

    package init(tunnelDevice: String) {
        // nft takes letters, digits and a few marks in the name of a table; an interface may have others.
        let octets = tunnelDevice.utf8.map { octet -> String in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) || "-_.".utf8.contains(octet)
            return isPlain ? String(decoding: [octet], as: UTF8.self) : "/\(String(octet, radix: 16))"
        }
        name = "plait-" + octets.joined()
    }

    /// Puts these chains in place of whatever the table has, all at once or not at all.
    package func install(_ chains: [FilterChain]) throws(FilterFailure) {
        try run(replacement(chains))
    }

    /// The table has these chains from now on. Without any, what a killed run left is taken away: where nft is missing, it
    /// left nothing.
    package func begin(with chains: [FilterChain]) throws(FilterFailure) {
        if chains.isEmpty { try? remove() } else { try install(chains) }
    }

    /// Takes the table away; that there is none is no error.
    package func remove() throws(FilterFailure) { try run(removal) }

    /// What nft is told. Naming the table first makes it, so that its removal cannot fail.
    package func replacement(_ chains: [FilterChain]) -> String {
        removal + "table inet \(name) {\n" + chains.map(\.text).joined() + "}\n"
    }

    private var removal: String { "table inet \(name)\ndelete table inet \(name)\n" }

    private func run(_ text: String) throws(FilterFailure) {
        let outcome: FinishedProgram
        do throws(SystemError) {
            outcome = try FinishedProgram(running: ["nft", "-f", "-"], input: text)
        } catch {
            throw FilterFailure(error)
        }
        guard outcome.status == 0 else { throw FilterFailure(complaint: outcome.output) }
    }
}
