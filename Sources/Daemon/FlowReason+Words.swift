// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

extension FlowReason {
    /// For the operator.
    func words(at now: Instant) -> String {
        switch self {
        case .preferred: "the rule's first choice"
        case .fallback: "what the rule prefers is not there"
        case .outsideRule: "none of the rule's paths is there"
        case .heldBack(let until): "a better path is back: moves there in \(Self.tenths(until - now)) s"
        case .quickest: "thin: the quickest path"
        case .onePathPerFlow: "one path for each flow, drawn by weight"
        case .bonded: "packet by packet"
        case .filling: "the first path has room"
        case .overflowing: "the better paths are full"
        case .duplicated: "over each of the rule's paths"
        case .bypass: "goes straight into an access network"
        case .dropped: "dropped by the rule"
        case .noUsablePath: "no path is there"
        }
    }

    private static func tenths(_ duration: Duration) -> String {
        let tenths = max(0, duration.wholeNanoseconds / 100_000_000)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
