// SPDX-License-Identifier: Apache-2.0
import Wire

/// What has changed since it was last stored.
struct UnstoredChanges: Sendable {
    /// Time stamps are times of day: what was the newest need not be kept, since the clock goes on.
    let clockTells: Bool
    /// Whether it is urgent.
    private var sessions: [SessionIdentifier: Bool] = [:]
    private var floors: Set<NodeIdentifier> = []

    init(clockTells: Bool) { self.clockTells = clockTells }

    mutating func note(_ mobileNode: NodeIdentifier) { floors.insert(mobileNode) }

    mutating func touch(_ session: SessionIdentifier) { sessions[session] = sessions[session] ?? false }

    /// Judged by what is recorded of the two, so that no change of a session can be forgotten.
    mutating func note(_ identifier: SessionIdentifier, from old: AnchorSession?, to new: AnchorSession?) {
        // Only the difference counts, and when it is does not make one.
        let never = Moment(instant: .zero, timestamp: Timestamp(value: 0))
        let (before, after) = (old?.record(at: never), new?.record(at: never))
        guard before != after else { return }
        let isUrgent = !clockTells || before?.essence != after?.essence
        sessions[identifier] = isUrgent || sessions[identifier] == true
    }

    /// Removals first: what they give back may be another's by now.
    mutating func take(at now: Moment, from cache: BindingCache) -> [StoredChange] {
        guard !sessions.isEmpty || !floors.isEmpty else { return [] }
        defer { self = UnstoredChanges(clockTells: clockTells) }
        var removals: [StoredChange] = []
        var records: [StoredChange] = []
        for (identifier, isUrgent) in sessions.sorted(by: { $0.key < $1.key }) {
            if let session = cache[identifier] {
                records.append(.put(session.record(at: now), isUrgent: isUrgent))
            } else {
                removals.append(.remove(identifier))
            }
        }
        let numbers = floors.sorted { $0.description < $1.description }.map { node -> StoredChange in
            guard let departed = cache.departed[node] else { return .forget(node) }
            let timestamp = clockTells ? nil : departed.timestamp
            return .floor(FloorRecord(mobileNode: node, sequence: departed.sequence, timestamp: timestamp))
        }
        return removals + records + numbers
    }
}
