// SPDX-License-Identifier: Apache-2.0
import Wire

/// What becomes of a packet that is to be sent.
struct Verdict: Equatable, Sendable {
    enum Way: Equatable, Sendable {
        /// By its place in the session.
        case path(Int)
        /// Any of the paths that the rule admits, chosen when the packet goes.
        case shared
        /// Each of the paths that the rule admits and that carry sequence numbers.
        case copies
        case dropped(DropReason)
    }

    var way: Way
    var reason: FlowReason
    var isSequenced = false

    static let noUsablePath = Verdict(way: .dropped(.noUsablePath), reason: .noUsablePath)
    static let dropped = Verdict(way: .dropped(.policy), reason: .dropped)
}
