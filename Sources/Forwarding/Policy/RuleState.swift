// SPDX-License-Identifier: Apache-2.0
import Wire

/// A flow rule of a session, and how the session's paths stand to it.
struct RuleState: Sendable {
    /// Rank of a path that is none of the rule's.
    static let outside = UInt8.max

    let rule: FlowRule
    /// Place of the first rule that is of the same rule of an operator's: rates are those of all together.
    let kind: Int
    var counters: RuleCounters
    /// By place of the path: its place in the rule's order.
    private(set) var ranks: [UInt8] = []
    /// Whether one of the rule's own paths is usable.
    private(set) var isThere = false

    init(_ rule: FlowRule, at place: Int, in all: [FlowRule], counters: RuleCounters? = nil) {
        self.rule = rule
        kind = all[..<place].firstIndex { $0.isSibling(of: rule) } ?? place
        self.counters = counters ?? RuleCounters(rule: rule.identifier)
    }

    /// Whether the rule's packets may carry sequence numbers.
    var mayBeSequenced: Bool {
        switch rule.treatment {
        case .bond, .overflow, .duplicate: true
        case .pin, .bypass, .drop: false
        }
    }

    /// Whether the rule's packets may take the path, if that is usable.
    func admits(_ path: Int) -> Bool { ranks[path] != Self.outside || !isThere && !rule.isStrict }

    /// The paths came, went or changed.
    mutating func rank(_ paths: [Path], role: Role) {
        let order = rule.treatment == .overflow ? Self.byCost(paths, role: role) : nil
        ranks = paths.indices.map { place in
            let found: Int? =
                switch rule.paths {
                case .any: order?.firstIndex(of: place) ?? 0
                case .labels(let labels): labels.firstIndex(of: paths[place].parameters.label)
                case .bindings(let bindings): bindings.firstIndex(of: paths[place].parameters.bindingIdentifier)
                }
            return found.map { UInt8(clamping: min($0, Int(Self.outside) - 1)) } ?? Self.outside
        }
    }

    /// Paths fell silent or came back.
    mutating func refresh(_ paths: [Path]) {
        isThere = zip(paths, ranks).contains { $0.isUsable && $1 != Self.outside }
    }

    /// The cheapest first, and of those that cost the same the one with the highest rate.
    private static func byCost(_ paths: [Path], role: Role) -> [Int] {
        paths.indices.sorted { a, b in
            let (first, second) = (paths[a].parameters, paths[b].parameters)
            if first.metrics.costClass != second.metrics.costClass {
                return first.metrics.costClass < second.metrics.costClass
            }
            let rates = (first.knownRate(of: role) ?? 0, second.knownRate(of: role) ?? 0)
            return rates.0 != rates.1 ? rates.0 > rates.1 : first.bindingIdentifier < second.bindingIdentifier
        }
    }
}

extension FlowRule {
    /// Whether both are parts of one rule of an operator's, who may list several matches.
    fileprivate func isSibling(of other: FlowRule) -> Bool {
        guard !name.isEmpty, name == other.name, isAnchors == other.isAnchors else { return false }
        return treatment == other.treatment && paths == other.paths && isStrict == other.isStrict
            && guaranteedRate == other.guaranteedRate && maximumRate == other.maximumRate
    }
}
