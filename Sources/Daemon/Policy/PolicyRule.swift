// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A rule of a policy as an operator wrote it. The ends agree on flow bindings (``FlowRule``), of which a rule makes one
/// for each combination of what it lists.
package struct PolicyRule: Equatable, Sendable {
    /// Unique in the policy; 1 to 32 octets without blanks.
    package var name: String
    /// nil: all of the anchor's. A gateway's rules have none.
    package var mobileNode: NodeIdentifier?
    /// Packets that any of these matches; at least one, which may match everything.
    package var matches: [PolicyMatch]
    package var treatment: FlowTreatment
    package var paths: FlowPaths
    package var isStrict: Bool
    package var guaranteedRate: BitRate?
    package var maximumRate: BitRate?

    package init(
        _ name: String,
        of mobileNode: NodeIdentifier? = nil,
        matches: [PolicyMatch] = [PolicyMatch()],
        _ treatment: FlowTreatment,
        paths: FlowPaths = .any,
        isStrict: Bool = false,
        guaranteedRate: BitRate? = nil,
        maximumRate: BitRate? = nil
    ) {
        self.name = name
        self.mobileNode = mobileNode
        self.matches = matches
        self.treatment = treatment
        self.paths = paths
        self.isStrict = isStrict
        self.guaranteedRate = guaranteedRate
        self.maximumRate = maximumRate
    }

    /// The flow binding of one of the things that it matches.
    package func flowRule(identifier: UInt16, priority: UInt16, selector: TrafficSelector) -> FlowRule {
        FlowRule(
            identifier: identifier,
            priority: priority,
            selector: selector,
            treatment: treatment,
            paths: paths,
            isStrict: isStrict,
            guaranteedRate: guaranteedRate.map { UInt64(clamping: $0.bitsPerSecond) },
            maximumRate: maximumRate.map { UInt64(clamping: $0.bitsPerSecond) },
            name: name
        )
    }
}
