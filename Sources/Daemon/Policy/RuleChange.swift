// SPDX-License-Identifier: Apache-2.0

/// What became of a rule when another policy took the place of its own.
package struct RuleChange: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case added, changed, moved, removed
        case kept = "unchanged"
    }

    package var rule: String
    package var kind: Kind

    package init(_ rule: String, _ kind: Kind) {
        self.rule = rule
        self.kind = kind
    }

    /// In the order of the new policy, with those that are gone behind. Moved is what stands behind another rule, of
    /// those that were there before.
    static func changes(from old: [PolicyRule], to new: [PolicyRule]) -> [RuleChange] {
        let remaining = new.map(\.name).filter { name in old.contains { $0.name == name } }
        let previous = old.map(\.name).filter { remaining.contains($0) }
        let changes = new.map { rule in
            guard let before = old.first(where: { $0.name == rule.name }) else { return RuleChange(rule.name, .added) }
            guard before == rule else { return RuleChange(rule.name, .changed) }
            let isInPlace = remaining.firstIndex(of: rule.name) == previous.firstIndex(of: rule.name)
            return RuleChange(rule.name, isInPlace ? .kept : .moved)
        }
        let gone = old.filter { rule in !new.contains { $0.name == rule.name } }
        return changes + gone.map { RuleChange($0.name, .removed) }
    }
}
