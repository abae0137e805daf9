// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Why a packet goes where it goes.
package enum FlowReason: Hashable, Sendable {
    /// The rule's first choice.
    case preferred
    /// What the rule prefers is not there.
    case fallback
    /// None of the rule's paths is there, and it is not strict.
    case outsideRule
    /// A better path is back, and has to stay until then before flows return to it.
    case heldBack(until: Instant)
    /// Thin flows: the path with the shortest round trip.
    case quickest
    /// The flow has drawn this path by its weight.
    case onePathPerFlow
    /// Packet by packet.
    case bonded
    /// The first path of an overflow rule, which has room or an unknown rate.
    case filling
    /// What did not fit into the better paths of an overflow rule.
    case overflowing
    /// Over each of the rule's paths.
    case duplicated
    /// The kernel takes such packets past the tunnels; one that comes here after all goes as if there were no rule.
    case bypass
    /// The rule says so, or is strict and none of its paths is there.
    case dropped
    case noUsablePath
}
