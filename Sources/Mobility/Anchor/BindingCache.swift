// SPDX-License-Identifier: Apache-2.0
import Wire

/// All sessions, by mobile node and number; and whose each prefix is. Nothing here takes longer the more there are.
struct BindingCache: Sendable {
    private(set) var sessions: [SessionIdentifier: AnchorSession] = [:]
    private(set) var departed = DepartedNodes()
    /// Numbers above 0 in use, ascending; few nodes have one.
    private var furtherNumbers: [NodeIdentifier: [UInt32]] = [:]
    private var holders: [IPPrefix: SessionIdentifier] = [:]
    /// Sessions that share a prefix with its holder (RFC 7864 §3.2.1), in the order in which they came.
    private var sharers: [IPPrefix: [SessionIdentifier]] = [:]
    private var uplinkKeys: Set<UInt32> = []
    private var changes: UnstoredChanges

    /// Whether time stamps are times of day.
    init(clockTells: Bool = true) { changes = UnstoredChanges(clockTells: clockTells) }

    subscript(identifier: SessionIdentifier) -> AnchorSession? {
        get { sessions[identifier] }
        set {
            let old = sessions[identifier]
            sessions[identifier] = newValue
            index(identifier, from: old, to: newValue)
            for binding in old?.bindings ?? [] where newValue?[binding.path.binding] == nil { note(binding) }
            changes.note(identifier, from: old, to: newValue)
        }
    }

    /// A refresh, which is nearly every change, leaves all of it as it is.
    private mutating func index(_ identifier: SessionIdentifier, from old: AnchorSession?, to new: AnchorSession?) {
        if (old == nil) != (new == nil) { number(identifier, isUsed: new != nil) }
        if old?.uplinkKey != new?.uplinkKey {
            if let key = old?.uplinkKey { uplinkKeys.remove(key) }
            if let key = new?.uplinkKey { uplinkKeys.insert(key) }
        }
        let (before, after) = (old?.prefixes ?? [], new?.prefixes ?? [])
        guard before != after else { return }
        for prefix in before where !after.contains(prefix) { release(prefix, of: identifier) }
        for prefix in after where !before.contains(prefix) { hold(prefix, by: identifier) }
    }

    private mutating func number(_ identifier: SessionIdentifier, isUsed: Bool) {
        guard identifier.number > 0 else { return }
        var numbers = furtherNumbers[identifier.mobileNode] ?? []
        numbers.removeAll { $0 == identifier.number }
        if isUsed {
            numbers.insert(identifier.number, at: numbers.firstIndex { $0 > identifier.number } ?? numbers.endIndex)
        }
        furtherNumbers[identifier.mobileNode] = numbers.isEmpty ? nil : numbers
    }

    private mutating func hold(_ prefix: IPPrefix, by identifier: SessionIdentifier) {
        guard let holder = holders.updateValue(identifier, forKey: prefix), holder != identifier else { return }
        holders[prefix] = holder
        sharers[prefix, default: []].append(identifier)
    }

    private mutating func release(_ prefix: IPPrefix, of identifier: SessionIdentifier) {
        var others = sharers[prefix] ?? []
        if holders[prefix] == identifier {
            holders[prefix] = others.isEmpty ? nil : others.removeFirst()
        } else {
            others.removeAll { $0 == identifier }
        }
        sharers[prefix] = others.isEmpty ? nil : others
    }

    private mutating func note(_ binding: Binding) {
        let node = binding.path.session.mobileNode
        // After a restart the clock tells updates with time stamps.
        let isStored = binding.timestamp == nil || !changes.clockTells
        note(
            DepartedNodes.Floor(timestamp: binding.timestamp, sequence: binding.sequence, isStored: isStored),
            of: node
        )
        if isStored { changes.note(node) }
    }

    private mutating func note(_ floor: DepartedNodes.Floor, of node: NodeIdentifier) {
        if let forgotten = departed.note(floor, of: node) { changes.note(forgotten) }
    }

    /// What a store does not know yet.
    mutating func takeChanges(at now: Moment) -> [StoredChange] {
        changes.take(at: now, from: self)
    }

    /// What is told of the session once more must be stored as well, should it not be yet.
    mutating func willBeTold(of session: SessionIdentifier) { changes.touch(session) }

    /// What a store knew.
    mutating func restore(_ floor: FloorRecord) {
        let known = DepartedNodes.Floor(timestamp: floor.timestamp, sequence: floor.sequence, isStored: true)
        note(known, of: floor.mobileNode)
    }

    /// So many at once would otherwise be moved at each of many growths.
    mutating func reserveCapacity(for records: [SessionRecord]) {
        sessions.reserveCapacity(records.count)
        uplinkKeys.reserveCapacity(records.count)
        holders.reserveCapacity(records.reduce(0) { $0 + $1.prefixes.count })
    }

    /// As the store has it, which so need not learn of it. It is not here yet.
    mutating func restore(_ session: AnchorSession) {
        sessions[session.identifier] = session
        index(session.identifier, from: nil, to: session)
    }

    func contains(_ identifier: SessionIdentifier) -> Bool { sessions.index(forKey: identifier) != nil }

    /// In the order of their numbers.
    func sessions(of mobileNode: NodeIdentifier) -> [AnchorSession] {
        let first = sessions[SessionIdentifier(mobileNode: mobileNode)]
        let further = (furtherNumbers[mobileNode] ?? []).compactMap {
            sessions[SessionIdentifier(mobileNode: mobileNode, number: $0)]
        }
        return (first.map { [$0] } ?? []) + further
    }

    /// Of a session that the node does not have yet.
    func newIdentifier(for mobileNode: NodeIdentifier) -> SessionIdentifier {
        var identifier = SessionIdentifier(mobileNode: mobileNode)
        while sessions[identifier] != nil { identifier.number += 1 }
        return identifier
    }

    /// Where several share the prefix, the one that has had it longest.
    func session(holding prefix: IPPrefix) -> SessionIdentifier? { holders[prefix] }

    func isShared(_ prefix: IPPrefix) -> Bool { sharers[prefix] != nil }

    func isUplinkKeyUsed(_ key: UInt32) -> Bool { uplinkKeys.contains(key) }

    /// In an order that does not change from run to run.
    var ordered: [AnchorSession] { sessions.keys.sorted().compactMap { sessions[$0] } }
}
