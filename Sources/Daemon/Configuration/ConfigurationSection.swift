// SPDX-License-Identifier: Apache-2.0

/// A mapping of a configuration file whose keys are known to be allowed.
struct ConfigurationSection {
    /// The mapping itself, for errors about it as a whole.
    let node: ConfigurationNode
    private let values: [String: ConfigurationNode]

    init(node: ConfigurationNode, entries: [(key: String, value: ConfigurationNode)]) {
        self.node = node
        // The YAML parser has refused keys that occur twice.
        values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func optional(_ key: String) -> ConfigurationNode? { values[key] }

    func required(_ key: String, hint: String? = nil) throws(ConfigurationError) -> ConfigurationNode {
        guard let value = values[key] else { throw node.failure("the key \(key) is missing", hint: hint) }
        return value
    }
}
