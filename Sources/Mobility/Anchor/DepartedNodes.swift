// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the updates of nodes' deleted bindings were numbered: older ones are replays, though no binding is left to
/// compare them with (RFC 5213 §5.5).
///
/// Of a realm there may come ever new nodes: those that left longest ago are forgotten. Where the clock tells, as it does
/// by default, nothing is lost with them, since it refuses what is so old.
struct DepartedNodes: Sendable {
    struct Floor: Sendable {
        var timestamp: Timestamp?
        var sequence: UInt16
        /// A store has been told of it.
        var isStored: Bool
    }

    static let most = 4096

    private var floors: [NodeIdentifier: Floor] = [:]
    /// All at one time, and so in the order in which they left.
    private var order = DeadlineQueue<NodeIdentifier>()

    subscript(node: NodeIdentifier) -> Floor? { floors[node] }

    /// The node that is forgotten for it and that a store may know of.
    mutating func note(_ floor: Floor, of node: NodeIdentifier) -> NodeIdentifier? {
        let known = floors[node]
        let newest = [known?.timestamp, floor.timestamp].compactMap(\.self).max()
        floors[node] = Floor(
            timestamp: newest,
            sequence: floor.sequence,
            isStored: floor.isStored || known?.isStored == true
        )
        order.set(node, at: .zero)
        guard floors.count > Self.most, let oldest = order.popDue(at: .zero) else { return nil }
        return floors.removeValue(forKey: oldest)?.isStored == true ? oldest : nil
    }
}
