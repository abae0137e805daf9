// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

/// Makes a policy's rules flow bindings, and remembers their numbers: what a rule matched before and still matches keeps
/// its own, so that the peer is told nothing of it, and flows and counters stay with it.
package struct FlowNumbering: Sendable {
    /// What a policy may make altogether, whatever addresses are learnt.
    package static let limit = 256
    /// Each has a range of priorities of its own, in which what it matches may come and go.
    package static let rulesLimit = 100

    private struct Key: Hashable {
        var rule: String
        var selector: TrafficSelector
    }

    private struct Numbers {
        /// FID
        var identifier: UInt16
        /// Within the rule's range of priorities.
        var slot: UInt16
    }

    private static let slots: UInt16 = 320

    private let first: UInt16
    private var held: [Key: Numbers] = [:]
    /// Given out in turn, so that a number is not at once another's.
    private var next: UInt16 = 0
    /// Selectors of learnt addresses for which there was no room, the last time.
    package private(set) var leftOut = 0

    package init(_ owner: PolicyOwner) { first = owner.firstNumber }

    /// In the order in which they are matched.
    package mutating func bindings(of rules: [PolicyRule], _ learnt: LearntAddresses) -> [NodeFlowRule] {
        // What is learnt, anybody in the network may have a hand in: it takes no room of what is written.
        var room = Self.limit - rules.reduce(0) { $0 + Self.selectors(of: $1, isLearnt: false, learnt).count }
        leftOut = 0
        var selectors: [[TrafficSelector]] = []
        for rule in rules {
            let found = Self.selectors(of: rule, isLearnt: true, learnt)
            let taken = found.prefix(max(0, room))
            room -= taken.count
            leftOut += found.count - taken.count
            selectors.append(Self.distinct(Self.selectors(of: rule, isLearnt: false, learnt) + taken))
        }
        number(rules, selectors)
        return zip(rules, selectors).enumerated().flatMap { place, pair in
            bindings(of: pair.0, at: place, pair.1)
        }
    }

    /// How many it makes whatever is learnt, counted up to a little over the limit.
    package static func writtenCount(of rule: PolicyRule) -> Int {
        selectors(of: rule, isLearnt: false, LearntAddresses()).count
    }

    private static func selectors(
        of rule: PolicyRule,
        isLearnt: Bool,
        _ learnt: LearntAddresses
    ) -> [TrafficSelector] {
        let matches = rule.matches.filter { $0.isLearnt == isLearnt }
        return distinct(matches.flatMap { $0.selectors(learnt, atMost: limit + 1) })
    }

    private static func distinct(_ selectors: [TrafficSelector]) -> [TrafficSelector] {
        var seen: Set<TrafficSelector> = []
        return selectors.filter { seen.insert($0).inserted }
    }

    private mutating func number(_ rules: [PolicyRule], _ selectors: [[TrafficSelector]]) {
        let wanted = zip(rules, selectors).flatMap { rule, selectors in
            selectors.map { Key(rule: rule.name, selector: $0) }
        }
        let kept = Set(wanted)
        held = held.filter { kept.contains($0.key) }
        var identifiers = Set(held.values.map(\.identifier))
        var slots: [String: Set<UInt16>] = [:]
        for (key, numbers) in held { slots[key.rule, default: []].insert(numbers.slot) }
        for key in wanted where held[key] == nil {
            let slot = (0..<Self.slots).first { slots[key.rule]?.contains($0) != true } ?? 0
            let numbers = Numbers(identifier: newIdentifier(beside: identifiers), slot: slot)
            identifiers.insert(numbers.identifier)
            slots[key.rule, default: []].insert(slot)
            held[key] = numbers
        }
    }

    /// Of thousands, hundreds are taken.
    private mutating func newIdentifier(beside taken: Set<UInt16>) -> UInt16 {
        var identifier: UInt16
        repeat {
            identifier = first + next
            next = next >= FlowRule.firstOfAnchor - 2 ? 0 : next + 1
        } while taken.contains(identifier)
        return identifier
    }

    private func bindings(of rule: PolicyRule, at place: Int, _ selectors: [TrafficSelector]) -> [NodeFlowRule] {
        // The configuration admits fewer rules than there are ranges.
        let start = first + UInt16(clamping: min(place, Self.rulesLimit)) * Self.slots
        let bindings = selectors.compactMap { selector -> NodeFlowRule? in
            guard let numbers = held[Key(rule: rule.name, selector: selector)] else { return nil }
            return NodeFlowRule(
                mobileNode: rule.mobileNode,
                rule: rule.flowRule(
                    identifier: numbers.identifier,
                    priority: start + numbers.slot,
                    selector: selector
                )
            )
        }
        return bindings.sorted { $0.rule.priority < $1.rule.priority }
    }
}
