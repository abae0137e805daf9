// SPDX-License-Identifier: Apache-2.0

/// One flow binding (RFC 6089 §4.2): which packets, and what becomes of them at both ends. A rule of an operator's is
/// one or several of these: each has one selector.
package struct FlowRule: Hashable, Sendable {
    /// From here on flow identifiers and priorities are the anchor's to give; below they are the gateway's. So neither
    /// takes the other's, and the site's own wishes come before what its operator wants of all sites.
    package static let firstOfAnchor: UInt16 = 0x8000

    /// FID: never 0, unique in its session.
    package var identifier: UInt16
    /// FID-PRI: never 0, unique in its session; the lower is matched first.
    package var priority: UInt16
    /// Downlink as the anchor sees it: the source is the correspondent (RFC 6088 §3).
    package var selector: TrafficSelector
    package var treatment: FlowTreatment
    package var paths: FlowPaths
    /// Dropped rather than sent over paths that are not the rule's; off: over any, where none of the rule's is there.
    package var isStrict: Bool
    /// Bits per second of inner packets that go before everything else, each direction; nil: none.
    package var guaranteedRate: UInt64?
    /// Bits per second of inner packets, each direction; nil: no limit.
    package var maximumRate: UInt64?
    /// The operator's.
    package var name: String

    package init(
        identifier: UInt16,
        priority: UInt16,
        selector: TrafficSelector,
        treatment: FlowTreatment,
        paths: FlowPaths = .any,
        isStrict: Bool = false,
        guaranteedRate: UInt64? = nil,
        maximumRate: UInt64? = nil,
        name: String = ""
    ) {
        self.identifier = identifier
        self.priority = priority
        self.selector = selector
        self.treatment = treatment
        self.paths = paths
        self.isStrict = isStrict
        self.guaranteedRate = guaranteedRate
        self.maximumRate = maximumRate
        self.name = name
    }

    package var isAnchors: Bool { identifier >= Self.firstOfAnchor }
}
