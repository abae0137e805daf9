// SPDX-License-Identifier: Apache-2.0
import Wire

/// Packets that may take any of several paths.
extension Session {
    var isPerPacket: Bool { if case .perPacket = parameters.distribution { true } else { false } }
    var isAutomatic: Bool { if case .automatic = parameters.distribution { true } else { false } }

    /// Of a packet that need not wait.
    mutating func path(for parcel: Parcel, _ way: Verdict.Way, flow: FlowMemory, at now: Instant) -> Int? {
        if case .path(let path) = way { path } else { spread(parcel, flow: flow, at: now) }
    }

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

    /// The path of the next packet with this verdict, as far as it can be told.
    func preview(_ verdict: Verdict, rule: Int?, at now: Instant) -> (path: Int?, reason: FlowReason) {
        switch verdict.way {
        case .path(let path): (path, verdict.reason)
        case .dropped: (nil, verdict.reason)
        case .copies: (paths.indices.first { admits($0, rule) }, verdict.reason)
        case .shared: previewShared(verdict, rule: rule, at: now)
        }
    }

    private func previewShared(_ verdict: Verdict, rule: Int?, at now: Instant) -> (path: Int?, reason: FlowReason) {
        guard let rule, rules[rule].rule.treatment == .overflow else {
            return (PerPacket.choose(1, among: paths) { admits($0, rule) }?.index, verdict.reason)
        }
        let order = paths.indices.filter { admits($0, rule) }.sorted { rules[rule].ranks[$0] < rules[rule].ranks[$1] }
        let free = order.first { paths[$0].pacer?.isSaturated(at: now) != true } ?? order.first
        let isBehind = free.map { isSpilt(rule, over: $0) } ?? false
        return (free, isBehind ? .overflowing : verdict.reason)
    }
}
