// SPDX-License-Identifier: Apache-2.0

/// Rules that packets pass at one place of the kernel, in their order, until one decides.
package struct FilterChain: Equatable, Sendable {
    /// Where packets pass, and before or after whom (nft's own words).
    package enum Hook: String, Sendable {
        /// Before connections are looked up.
        case first = "filter hook prerouting priority raw"
        /// When the connection is known.
        case marks = "filter hook prerouting priority mangle"
        /// Destinations are translated here, before the route is chosen.
        case destinations = "nat hook prerouting priority dstnat"
        /// Sources are translated here, when the route is known.
        case sources = "nat hook postrouting priority srcnat"
        /// What is passed on from link to link.
        case through = "filter hook forward priority filter"
        /// What is for this machine itself.
        case inward = "filter hook input priority filter"
    }

    package let name: String
    package let hook: Hook
    /// In nft's words; a packet that none decides about passes.
    package var rules: [String]

    package init(_ name: String, _ hook: Hook, _ rules: [String]) {
        self.name = name
        self.hook = hook
        self.rules = rules
    }

    var text: String {
        "  chain \(name) {\n    type \(hook.rawValue); policy accept;\n"
            + rules.map { "    \($0)\n" }.joined() + "  }\n"
    }
}

/// A name as nft wants it written: a `*` at its end would stand for many; elsewhere it is a letter like others.
func filterQuoted(_ interface: String) -> String {
    interface.hasSuffix("*") ? "\"\(interface.dropLast())\\*\"" : "\"\(interface)\""
}
