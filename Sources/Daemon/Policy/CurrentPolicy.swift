// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// The policy that a daemon's own side has in force, and what it comes to at the moment.
package struct CurrentPolicy: Sendable {
    package let owner: PolicyOwner
    package private(set) var rules: [PolicyRule]
    /// The file that an operator has set it from while the daemon runs; nil: as configured.
    package private(set) var file: String?
    /// In the order in which they are matched.
    package private(set) var bindings: [NodeFlowRule]
    private var numbering: FlowNumbering
    private var learnt = LearntAddresses()

    package init(_ rules: [PolicyRule], of owner: PolicyOwner) {
        self.owner = owner
        self.rules = rules
        numbering = FlowNumbering(owner)
        bindings = numbering.bindings(of: rules, learnt)
    }

    /// What addresses are behind matters for these only.
    package var terminals: Set<PolicyTerminal> { Set(rules.flatMap(\.matches).flatMap(\.terminals)) }
    package var domains: Set<DomainPattern> { Set(rules.flatMap(\.matches).flatMap(\.domains)) }

    /// Selectors of learnt addresses for which there is no room.
    package var leftOut: Int { numbering.leftOut }

    /// Returns what has changed for the operator, a word for each rule.
    package mutating func replace(by rules: [PolicyRule], from file: String) -> [RuleChange] {
        let changes = RuleChange.changes(from: self.rules, to: rules)
        self.rules = rules
        self.file = file
        bindings = numbering.bindings(of: rules, learnt)
        return changes
    }

    /// Whether that changes which packets are meant.
    package mutating func learn(_ learnt: LearntAddresses) -> Bool {
        guard learnt != self.learnt else { return false }
        self.learnt = learnt
        let before = bindings
        bindings = numbering.bindings(of: rules, learnt)
        return bindings != before
    }
}
