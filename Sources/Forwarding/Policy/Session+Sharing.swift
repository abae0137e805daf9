// SPDX-License-Identifier: Apache-2.0
import Wire

/// Packets that may take any of several paths.
extension Session {
    var isPerPacket: Bool { if case .perPacket = parameters.distribution { true } else { false } }
    var isAutomatic: Bool { if case .automatic = parameters.distribution { true } else { false } }

    /// The path that suits by the weights, which is booked; nil if there is none.
    mutating func spread(_ parcel: Parcel, flow: FlowMemory, at now: Instant) -> Int? {
        let choice =
            PerPacket.choose(parcel.octets, among: paths) {
                admits($0, parcel.rule) && !overtakes(flow, over: $0, at: now)
            } ?? PerPacket.choose(parcel.octets, among: paths) { admits($0, parcel.rule) }
        guard let choice else { return nil }
        PerPacket.book(choice, on: &paths)
        return choice.index
    }

    /// Whether a copy of a packet of the rule goes over the path.
    mutating func takesCopies(_ path: Int, _ rule: Int?, at now: Instant) -> Bool {
        admits(path, rule) && paths[path].parameters.encapsulation.hasGRE
    }

    /// The path of the next packet with this verdict, as far as it can be told.
    func preview(_ verdict: Verdict, rule: Int?, at now: Instant) -> (path: Int?, reason: FlowReason) {
        switch verdict.way {
        case .path(let path): (path, verdict.reason)
        case .dropped: (nil, verdict.reason)
        case .copies: (paths.indices.first { admits($0, rule) }, verdict.reason)
        case .shared: (PerPacket.choose(1, among: paths) { admits($0, rule) }?.index, verdict.reason)
        }
    }
}
