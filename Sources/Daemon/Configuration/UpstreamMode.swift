// SPDX-License-Identifier: Apache-2.0

/// How the upstream network knows a pool's addresses.
package enum UpstreamMode: Sendable {
    /// It routes them to the anchor.
    case routed
    /// They are the upstream link's own; the anchor answers for them there.
    case onLink
    /// Not at all: they are translated.
    case nat

    init(_ node: ConfigurationNode?) throws(ConfigurationError) {
        self = try node?.choice(["routed": UpstreamMode.routed, "on-link": .onLink, "nat": .nat]) ?? .routed
    }
}

extension UpstreamMode: CustomStringConvertible {
    package var description: String {
        switch self {
        case .routed: "routed"
        case .onLink: "on-link"
        case .nat: "nat"
        }
    }
}
