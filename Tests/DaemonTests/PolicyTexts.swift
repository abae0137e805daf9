// SPDX-License-Identifier: Apache-2.0
import Daemon

/// Policies in configuration files.
enum PolicyTexts {
    /// A gateway whose WANs have the labels 11 and 9, with a policy behind its other keys.
    static func gateway(_ rules: [String]) -> String { ConfigurationTexts.gateway + section(rules) }

    static func anchor(_ rules: [String]) -> String { ConfigurationTexts.leastAnchor + section(rules) }

    private static func section(_ rules: [String]) -> String {
        "  policy:" + (rules.isEmpty ? " []" : rules.map { "\n    - \($0)" }.joined()) + "\n"
    }

    static func gatewayPolicy(_ rules: String...) throws(ConfigurationError) -> [PolicyRule] {
        guard case .gateway(let gateway) = try ConfigurationFile.parse(gateway(rules), file: "g.yaml") else {
            return []
        }
        return gateway.policy
    }

    static func anchorPolicy(_ rules: String...) throws(ConfigurationError) -> [PolicyRule] {
        guard case .anchor(let anchor) = try ConfigurationFile.parse(anchor(rules), file: "a.yaml") else { return [] }
        return anchor.policy
    }
}
