// SPDX-License-Identifier: Apache-2.0
import Wire

/// All sessions, by mobile node; and whose each prefix is.
struct BindingCache: Sendable {
    /// What the updates of a node's deleted bindings were numbered: older ones are replays, though no binding is left
    /// to compare them with (RFC 5213 §5.5).
    struct Departed: Sendable {
        var timestamp: Timestamp?
        var sequence: UInt16
    }

    private(set) var sessions: [NodeIdentifier: AnchorSession] = [:]
    /// Only of nodes that were served once, so no more than are configured.
    private(set) var departed: [NodeIdentifier: Departed] = [:]
    private var owners: [IPPrefix: NodeIdentifier] = [:]
    private var uplinkKeys: Set<UInt32> = []

    subscript(mobileNode: NodeIdentifier) -> AnchorSession? {
        get { sessions[mobileNode] }
        set {
            if let old = sessions[mobileNode] {
                for prefix in old.prefixes { owners[prefix] = nil }
                if let key = old.uplinkKey { uplinkKeys.remove(key) }
                for binding in old.bindings where newValue?[binding.path.binding] == nil { note(binding) }
            }
            sessions[mobileNode] = newValue
            if let new = newValue {
                for prefix in new.prefixes { owners[prefix] = mobileNode }
                if let key = new.uplinkKey { uplinkKeys.insert(key) }
            }
        }
    }

    private mutating func note(_ binding: Binding) {
        let node = binding.path.session.mobileNode
        let newest = [departed[node]?.timestamp, binding.timestamp].compactMap(\.self).max()
        departed[node] = Departed(timestamp: newest, sequence: binding.sequence)
    }

    func owner(of prefix: IPPrefix) -> NodeIdentifier? { owners[prefix] }
    func isUplinkKeyUsed(_ key: UInt32) -> Bool { uplinkKeys.contains(key) }

    /// In an order that does not change from run to run.
    var ordered: [AnchorSession] {
        sessions.values.sorted {
            ($0.identifier.mobileNode.subtype, $0.identifier.mobileNode.description)
                < ($1.identifier.mobileNode.subtype, $1.identifier.mobileNode.description)
        }
    }
}
