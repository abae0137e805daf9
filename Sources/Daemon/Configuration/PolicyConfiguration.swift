// SPDX-License-Identifier: Apache-2.0
import Wire

extension ConfigurationNode {
    /// A list of rules, `mag.policy` or `lma.policy`.
    func policy(of owner: PolicyOwner) throws(ConfigurationError) -> [PolicyRule] {
        let items = try list()
        guard items.count <= FlowNumbering.rulesLimit else {
            throw failure("has \(items.count) rules", hint: "at most \(FlowNumbering.rulesLimit)")
        }
        var rules: [PolicyRule] = []
        var count = 0
        for item in items {
            let rule = try PolicyRule(item, of: owner)
            guard !rules.contains(where: { $0.name == rule.name }) else {
                throw item.failure("the name \(rule.name) is there already", hint: "give each rule its own")
            }
            count += FlowNumbering.writtenCount(of: rule)
            // So many, each end tells the other and looks up for each new flow.
            guard count <= FlowNumbering.limit else {
                throw item.failure(
                    "up to this rule there are more than \(FlowNumbering.limit) combinations of what is listed",
                    hint: "each combination of addresses, ports and so on is a flow binding: use ranges, or fewer rules"
                )
            }
            rules.append(rule)
        }
        return rules
    }
}

extension PolicyRule {
    private static let treatments: KeyValuePairs<String, FlowTreatment> = [
        "pin": .pin, "bond": .bond, "overflow": .overflow, "duplicate": .duplicate, "bypass": .bypass, "drop": .drop,
    ]

    init(_ node: ConfigurationNode, of owner: PolicyOwner) throws(ConfigurationError) {
        let section = try node.section(
            ["name"] + (owner == .anchor ? ["mobile-node"] : []) + ["match"] + Self.treatments.map(\.key)
                + ["strict", "guaranteed-rate", "maximum-rate"]
        )
        let name = try section.required("name").word(atMost: 32)
        let mobileNode = try section.optional("mobile-node")?.networkAccessIdentifier()
        let (treatment, paths) = try Self.treatment(section, of: owner)
        self.init(
            name,
            of: mobileNode.map { NodeIdentifier(nai: $0) },
            matches: try Self.matches(section.optional("match"), of: owner),
            treatment,
            paths: paths,
            isStrict: try section.optional("strict")?.truth() ?? false,
            guaranteedRate: try section.optional("guaranteed-rate")?.bitRate(),
            maximumRate: try section.optional("maximum-rate")?.bitRate()
        )
        try checkRates(section)
    }

    private func checkRates(_ section: ConfigurationSection) throws(ConfigurationError) {
        if let guaranteedRate, let maximumRate, guaranteedRate > maximumRate {
            throw (section.optional("guaranteed-rate") ?? section.node).failure("is more than maximum-rate")
        }
        // Neither passes our queue.
        guard treatment == .drop || treatment == .bypass else { return }
        if let rate = section.optional("guaranteed-rate") ?? section.optional("maximum-rate") {
            throw rate.failure("has no meaning beside \(treatment)")
        }
    }

    private static func matches(
        _ node: ConfigurationNode?,
        of owner: PolicyOwner
    ) throws(ConfigurationError) -> [PolicyMatch] {
        guard let node else { return [PolicyMatch()] }
        var matches: [PolicyMatch] = []
        for item in try node.oneOrMore() { matches.append(try PolicyMatch(item, of: owner)) }
        return matches
    }

    private static func treatment(
        _ section: ConfigurationSection,
        of owner: PolicyOwner
    ) throws(ConfigurationError) -> (FlowTreatment, FlowPaths) {
        let given = treatments.filter { section.optional($0.key) != nil }
        let names = treatments.map(\.key).joined(separator: ", ")
        guard let (key, treatment) = given.first, let node = section.optional(key) else {
            throw section.node.failure("says nothing of what becomes of the packets", hint: "give one of \(names)")
        }
        if given.count > 1 {
            throw (section.optional(given[1].key) ?? node).failure("is there beside \(key)", hint: "one of \(names)")
        }
        guard treatment == .drop else { return (treatment, try node.flowPaths(of: owner)) }
        guard try node.truth() else { throw node.failure("false says nothing", hint: "give one of \(names)") }
        return (.drop, .any)
    }
}

extension ConfigurationNode {
    /// `any`, or labels in the order of preference.
    fileprivate func flowPaths(of owner: PolicyOwner) throws(ConfigurationError) -> FlowPaths {
        if !isList, try word(atMost: 32) == "any" { return .any }
        var labels: [UInt8] = []
        let items = try oneOrMore()
        guard items.count <= FlowScheme.mostLabels else {
            throw failure("names \(items.count) labels", hint: "at most \(FlowScheme.mostLabels), or any")
        }
        for item in items {
            // RFC 8278 §4.1: an octet.
            let label = UInt8(clamping: try item.integer(in: 0...255))
            guard !labels.contains(label) else { throw item.failure("the label \(label) is there already") }
            if case .gateway(let known) = owner, !known.contains(label) {
                let there = known.sorted().map { "\($0)" }.joined(separator: ", ")
                throw item.failure("no WAN has the label \(label)", hint: "those of mag.wans are \(there)")
            }
            labels.append(label)
        }
        return .labels(labels)
    }
}
