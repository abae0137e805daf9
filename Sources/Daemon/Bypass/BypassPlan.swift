// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Which packets of the site leave past the anchor at present, and by which access network (`FlowTreatment.bypass`).
package struct BypassPlan: Equatable, Sendable {
    /// Where a packet's comparison with the rules ends.
    package struct Step: Equatable, Sendable {
        package let selector: TrafficSelector
        /// The access network's number; nil: into the tunnel.
        package let exit: UInt8?

        package init(_ selector: TrafficSelector, exit: UInt8?) {
            self.selector = selector
            self.exit = exit
        }
    }

    /// In the order in which packets are compared; behind the last the tunnel.
    package private(set) var steps: [Step]
    /// By which flows that began there go on, whatever the rules have become.
    package let exits: [NetworkExit]

    /// - Parameters:
    ///   - rules: the site's and the anchor's, in their order.
    ///   - exits: in the operator's order.
    package init(_ rules: [FlowRule], exits: [NetworkExit]) {
        self.exits = exits.filter { !$0.families.isEmpty }
        steps = rules.compactMap { rule in
            switch rule.selector {
            case .ipv4: Step(rule.selector, exit: Self.exit(of: rule, .ipv4, among: exits))
            case .ipv6: Step(rule.selector, exit: Self.exit(of: rule, .ipv6, among: exits))
            // A format that nobody can compare with matches nothing.
            case .other: nil
            }
        }
        let end = steps.lastIndex { $0.exit != nil }.map { $0 + 1 } ?? 0
        steps.removeSubrange(end...)
    }

    /// The first in the rule's order that can take its packets. A poor one only where the tunnel has nothing better
    /// either, or must not be used.
    private static func exit(of rule: FlowRule, _ family: AddressFamily, among exits: [NetworkExit]) -> UInt8? {
        guard rule.treatment == .bypass else { return nil }
        let wanted: [NetworkExit] =
            switch rule.paths {
            case .any: exits
            case .labels(let labels): labels.flatMap { label in exits.filter { $0.label == label } }
            case .bindings(let numbers): numbers.flatMap { number in exits.filter { $0.number == number } }
            }
        let able = wanted.filter { $0.families.contains(family) }
        if let good = able.first(where: { !$0.isPoor }) { return good.number }
        let hasBetter = exits.contains(where: { !$0.isPoor && !$0.families.isEmpty })
        return hasBetter && !rule.isStrict ? nil : able.first?.number
    }
}
