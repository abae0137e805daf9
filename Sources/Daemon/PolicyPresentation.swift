// SPDX-License-Identifier: Apache-2.0
import API
import Forwarding
import Mobility
import Wire

/// The rules in force at one end, as the management interface shows them: the own ones as they were written, those of
/// the peer as they were told.
struct PolicyPresentation {
    private let policy: CurrentPolicy
    private let sessions: [Mobility.SessionSnapshot]
    private let traffic: TrafficView
    /// By FID of our own rules: how many sessions know which state of it.
    private let states: [UInt16: [FlowBindingSnapshot.State: Int]]

    init(_ policy: CurrentPolicy, _ sessions: [Mobility.SessionSnapshot], _ traffic: TrafficView) {
        self.policy = policy
        self.sessions = sessions
        self.traffic = traffic
        var states: [UInt16: [FlowBindingSnapshot.State: Int]] = [:]
        for binding in sessions.lazy.flatMap(\.flowBindings) where binding.state != .ofPeer {
            states[binding.rule.identifier, default: [:]][binding.state, default: 0] += 1
        }
        self.states = states
    }

    /// The site's first: that is how they are matched.
    var rules: [API.PolicyRule] {
        let own = policy.rules.map(ownRule)
        return policy.owner == .anchor ? peersRules + own : own + peersRules
    }

    // MARK: Own rules

    private func ownRule(_ rule: Daemon.PolicyRule) -> API.PolicyRule {
        let identifiers = policy.bindings.filter { $0.rule.name == rule.name }.map(\.rule.identifier)
        var shown = API.PolicyRule(
            rule.flowRule(identifier: 0, priority: 0, selector: .other(format: 0, octets: [])),
            owner: policy.owner == .anchor ? .anchor : .site,
            matches: rule.matches.map(\.text),
            identifiers: identifiers,
            state: state(of: identifiers),
            source: policy.file ?? "configuration"
        )
        shown.mobileNode = rule.mobileNode.map { "\($0)" }
        for session in sessions { shown.count(identifiers, traffic.rules[session.identifier]) }
        return shown
    }

    /// A word if all sessions agree, else each with its number.
    private func state(of identifiers: [UInt16]) -> String {
        guard !identifiers.isEmpty else { return "matches nothing yet" }
        var counts: [String: Int] = [:]
        for identifier in identifiers {
            for (state, count) in states[identifier] ?? [:] { counts[state.words, default: 0] += count }
        }
        guard counts.count > 1 else { return counts.keys.first ?? "told to nobody" }
        return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    // MARK: Rules of the peer

    private var peersRules: [API.PolicyRule] { sessions.flatMap(peersRules) }

    /// What belongs to one rule there, for each session.
    private func peersRules(of session: Mobility.SessionSnapshot) -> [API.PolicyRule] {
        var shown: [API.PolicyRule] = []
        var places: [String: Int] = [:]
        for binding in session.flowBindings where binding.state == .ofPeer {
            let name = binding.rule.shownName
            let identifier = binding.rule.identifier
            let place = places[name] ?? shown.count
            if place == shown.count {
                places[name] = place
                shown.append(
                    API.PolicyRule(
                        binding.rule,
                        owner: binding.rule.isAnchors ? .anchor : .site,
                        matches: [],
                        identifiers: [],
                        state: binding.isActive ? "agreed" : "none of its paths is there",
                        source: "peer"
                    )
                )
                shown[place].mobileNode = "\(session.identifier)"
            }
            shown[place].matches.append(binding.rule.selector.shownText)
            shown[place].flowIdentifiers.append(Int(identifier))
            shown[place].count([identifier], traffic.rules[session.identifier])
        }
        return shown
    }
}

extension FlowRule {
    /// A peer need not say what its operator calls a rule.
    var shownName: String { name.isEmpty ? "FID \(identifier)" : name }
}

extension API.PolicyRule {
    fileprivate init(
        _ rule: FlowRule,
        owner: Owner,
        matches: [String],
        identifiers: [UInt16],
        state: String,
        source: String
    ) {
        self.init(
            rule: rule.shownName,
            owner: owner,
            matches: matches,
            treatment: "\(rule.treatment)",
            strict: rule.isStrict,
            guaranteedBitsPerSecond: rule.guaranteedRate.map { Int(clamping: $0) },
            maximumBitsPerSecond: rule.maximumRate.map { Int(clamping: $0) },
            flowIdentifiers: identifiers.map { Int($0) },
            state: state,
            source: source
        )
        switch rule.paths {
        case .any: break
        case .labels(let labels): self.labels = labels.map { Int($0) }
        case .bindings(let bindings): bindingIdentifiers = bindings.map { Int($0) }
        }
    }

    fileprivate mutating func count(_ identifiers: [UInt16], _ counters: [UInt16: RuleCounters]?) {
        for found in identifiers.compactMap({ counters?[$0] }) {
            sent.add(found.sent)
            received.add(found.received)
            droppedPackets += Int(clamping: found.sent.drops &+ found.received.drops)
        }
    }
}

extension API.Traffic {
    fileprivate mutating func add(_ traffic: RuleCounters.Traffic) {
        packets += Int(clamping: traffic.packets)
        octets += Int(clamping: traffic.octets)
    }
}

extension TrafficSelector {
    /// `everything`, or its fields as ``FlowExplanation`` and `plait decode` call them.
    fileprivate var shownText: String {
        let parts = fields.dropFirst().map { "\($0.name) \($0.value)" }
        let family = format == 1 ? ["family ipv4"] : format == 2 ? ["family ipv6"] : ["format \(format)"]
        return (family + parts).joined(separator: ", ")
    }
}

extension FlowBindingSnapshot.State {
    fileprivate var words: String {
        switch self {
        case .local(let reason): "here only: \(reason.rawValue)"
        case .pending: "not answered yet"
        case .agreed: "agreed"
        case .refused(let status): "refused: \(status)"
        case .ofPeer: "the peer's"
        }
    }
}
