// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

/// What differs from one virtual domain to another.
package struct DomainVariant: Equatable, Sendable {
    /// How many anchors the gateways know. Those that there are beyond it nobody ever asks.
    package var anchorCount = 1
    /// What each anchor does about a node that may come from elsewhere.
    package var handoffs: [HandoffPolicy] = Array(repeating: .revoke, count: VirtualDomain.anchorCount)
    /// The timers that the first anchor gives its gateways.
    package var gatewayParameters: GatewayParameters?
    /// Of the first anchor, to the second one (RFC 6463).
    package var redirection: Redirection?

    package init() {}

    package static func random(seed: UInt64) -> DomainVariant {
        var dice = SeededGenerator(seed: ~seed)
        var variant = DomainVariant()
        variant.anchorCount = Bool.random(using: &dice) ? VirtualDomain.anchorCount : 1
        variant.handoffs = variant.handoffs.map { _ in Bool.random(using: &dice) ? .revoke : .wait }
        if variant.anchorCount > 1, Int.random(in: 0..<3, using: &dice) == 0, let target = target(&dice) {
            variant.redirection = Redirection(above: Int.random(in: 0...2, using: &dice), to: target)
        }
        guard Int.random(in: 0..<4, using: &dice) == 0 else { return variant }
        variant.gatewayParameters = GatewayParameters(
            reregistration: ReregistrationControl(
                startTime: BindingLifetime(.seconds(Int64.random(in: 4...400, using: &dice))),
                initialRetransmissionTime: UInt16.random(in: 1...4, using: &dice),
                maximumRetransmissionTime: UInt16.random(in: 1...16, using: &dice)
            ),
            heartbeat: HeartbeatControl(
                interval: UInt16.random(in: 5...100, using: &dice),
                retransmissionDelay: UInt16.random(in: 0...5, using: &dice),
                maximumRetransmissions: UInt16.random(in: 1...4, using: &dice)
            )
        )
        return variant
    }

    private static func target(_ dice: inout SeededGenerator) -> IPAddress? {
        DomainPlan.anchorAddresses(1).randomElement(using: &dice)
    }
}
