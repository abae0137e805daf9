// SPDX-License-Identifier: Apache-2.0

/// A file that sets the policy of a daemon that runs: it has the key `policy` with a list of rules, or it is a whole
/// configuration of that daemon, of which that part is taken.
package enum PolicyFile {
    /// `file` is the name to be given in errors.
    package static func parse(
        _ yaml: String,
        file: String,
        of owner: PolicyOwner
    ) throws(ConfigurationError) -> [PolicyRule] {
        let section = owner == .anchor ? "lma" : "mag"
        let root = try ConfigurationFile.root(of: yaml, file: file, keys: ["policy", section])
        let top = try root.section(["policy", "mag", "lma"])
        if let policy = top.optional("policy") {
            for other in ["mag", "lma"] {
                if let node = top.optional(other) {
                    throw node.failure("is there beside policy", hint: "give one of them")
                }
            }
            return try policy.policy(of: owner)
        }
        // Whatever else is wrong in it, it would not be what it says.
        _ = try Configuration(root)
        guard let daemon = top.optional(section) else {
            throw root.failure("configures the other daemon", hint: "it needs one of the keys policy, \(section)")
        }
        for (key, _, value) in try daemon.entries() where key == "policy" { return try value.policy(of: owner) }
        return []
    }
}
