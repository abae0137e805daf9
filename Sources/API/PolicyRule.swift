// SPDX-License-Identifier: Apache-2.0

/// A rule of the policy in force, in the order in which rules are matched.
package struct PolicyRule: Codable, Sendable, Equatable {
    /// Whose rule it is.
    package enum Owner: String, Codable, Sendable {
        /// The gateway's: its rules come first.
        case site
        case anchor
    }

    /// As its operator calls it.
    package var rule: String
    package var owner: Owner
    /// Whose packets alone it matches; absent: of all that are there.
    package var mobileNode: String?
    /// Any of these matches, as the operator wrote it; of the peer's rules, what was told of them.
    package var matches: [String]
    /// `pin`, `bond`, `overflow`, `duplicate`, `bypass` or `drop`.
    package var treatment: String
    /// Of the paths that it means, in the order of preference; absent: of any, or `bindingIdentifiers` says it.
    package var labels: [Int]?
    /// RFC 6089 knows no labels.
    package var bindingIdentifiers: [Int]?
    /// Dropped rather than sent over other paths.
    package var strict: Bool
    package var guaranteedBitsPerSecond: Int?
    package var maximumBitsPerSecond: Int?
    /// Of the flow bindings that the rule has become (RFC 6089); empty while it matches nothing.
    package var flowIdentifiers: [Int]
    /// What the peer knows of it, in words.
    package var state: String
    /// Where it comes from: `configuration`, the file that it was set from, or `peer`.
    package var source: String
    /// What matched it and went into the tunnels.
    package var sent: Traffic
    /// What matched it and came out of them.
    package var received: Traffic
    /// Packets that matched it and were dropped.
    package var droppedPackets: Int

    package init(
        rule: String,
        owner: Owner,
        mobileNode: String? = nil,
        matches: [String],
        treatment: String,
        labels: [Int]? = nil,
        bindingIdentifiers: [Int]? = nil,
        strict: Bool = false,
        guaranteedBitsPerSecond: Int? = nil,
        maximumBitsPerSecond: Int? = nil,
        flowIdentifiers: [Int],
        state: String,
        source: String,
        sent: Traffic = Traffic(packets: 0, octets: 0),
        received: Traffic = Traffic(packets: 0, octets: 0),
        droppedPackets: Int = 0
    ) {
        self.rule = rule
        self.owner = owner
        self.mobileNode = mobileNode
        self.matches = matches
        self.treatment = treatment
        self.labels = labels
        self.bindingIdentifiers = bindingIdentifiers
        self.strict = strict
        self.guaranteedBitsPerSecond = guaranteedBitsPerSecond
        self.maximumBitsPerSecond = maximumBitsPerSecond
        self.flowIdentifiers = flowIdentifiers
        self.state = state
        self.source = source
        self.sent = sent
        self.received = received
        self.droppedPackets = droppedPackets
    }
}
