// SPDX-License-Identifier: Apache-2.0
package import API

extension [API.PolicyRule] {
    package var table: Table {
        var table = Table([
            .text("RULE"), .text("OF"), .text("MATCH"), .text("TREATMENT"), .text("STATE"), .number("SENT"),
            .number("RECEIVED"), .number("DROPPED"), .text("FROM"),
        ])
        for rule in self {
            let node = rule.mobileNode.map { "\($0): " } ?? ""
            table.add([
                rule.rule, rule.owner.rawValue, node + rule.matches.joined(separator: " or "), rule.treatmentText,
                rule.state, Quantity.octets(rule.sent.octets), Quantity.octets(rule.received.octets),
                String(rule.droppedPackets), rule.source,
            ])
        }
        return table
    }
}

extension API.PolicyRule {
    /// Such as `pin 9, 11, strict, at most 5 Mbit/s`.
    fileprivate var treatmentText: String {
        let numbers = { (numbers: [Int]) in numbers.map { String($0) }.joined(separator: ", ") }
        let paths = labels.map { " \(numbers($0))" } ?? bindingIdentifiers.map { " BID \(numbers($0))" }
        let rates = [
            strict ? "strict" : nil, guaranteedBitsPerSecond.map { "at least \(Quantity.rate($0))" },
            maximumBitsPerSecond.map { "at most \(Quantity.rate($0))" },
        ]
        let more = rates.compactMap(\.self).map { ", \($0)" }.joined()
        return treatment + (paths ?? (treatment == "drop" ? "" : " any")) + more
    }
}

extension API.FlowExplanation {
    /// A line for each thing that is known.
    package var text: String {
        let path = bindingIdentifier.map { number in
            ["BID \(number)", label.map { "label \($0)" }, link].compactMap(\.self).joined(separator: ", ")
        }
        let ruleText = rule.map { name in
            let number = flowIdentifier.map { ", FID \($0)" } ?? ""
            return "\(name) (\(owner?.rawValue ?? "")'s\(number)): \(treatment ?? "")"
        }
        return """
            mobile node  \(mobileNode)
            rule         \(ruleText ?? "none: the distribution decides")
            path         \(path ?? "none")
            why          \(reason)

            """
    }
}

extension [API.GatewayAnswer] {
    /// Of a change of the policy: what became of each rule.
    package var ruleTable: Table {
        var table = Table([.text("RULE"), .text("OUTCOME")])
        for answer in self { table.add([answer.subject, answer.outcome]) }
        return table
    }
}
