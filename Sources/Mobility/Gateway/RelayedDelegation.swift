// SPDX-License-Identifier: Apache-2.0
import Wire

/// What routers behind the gateway have of an anchor that is the delegating router: named in updates as they got it by
/// DHCPv6 (RFC 7148 §5.1.3).
struct RelayedDelegation: Sendable {
    /// In every update.
    private(set) var named: [IPPrefix] = []
    /// Of `named`: what the anchor has accepted.
    private(set) var registered: [IPPrefix] = []
    /// No longer named, though the anchor may still speak of it: not to be taken for the site's own.
    private var relinquished: Set<IPPrefix> = []
    /// The anchor has yet to be told.
    var isUntold = false

    mutating func name(_ prefixes: [IPPrefix]) {
        guard prefixes != named else { return }
        relinquished.formUnion(named.filter { !prefixes.contains($0) })
        relinquished.subtract(prefixes)
        named = prefixes
        registered.removeAll { !prefixes.contains($0) }
        isUntold = true
    }

    /// Whether a prefix that the anchor speaks of is a router's, or was.
    func isRouters(_ prefix: IPPrefix) -> Bool { named.contains(prefix) || relinquished.contains(prefix) }

    /// An acceptance speaks of these; its request had named the `requested` ones.
    mutating func adopt(_ accepted: [IPPrefix], requested: [IPPrefix]) {
        if requested == named { isUntold = false }
        for prefix in named {
            if accepted.contains(prefix) {
                if !registered.contains(prefix) { registered.append(prefix) }
            } else if requested.contains(prefix) {
                drop(prefix)
            } else if registered.contains(prefix) {
                // An update from before has overtaken the one that named it, and took it away.
                isUntold = true
            }
        }
        relinquished.formIntersection(accepted)
    }

    /// What was not accepted before, or else all of it, is the cause of a refusal; false if there is nothing.
    mutating func abandon() -> Bool {
        guard !named.isEmpty else { return false }
        let pending = named.filter { !registered.contains($0) }
        for prefix in pending.isEmpty ? named : pending { drop(prefix) }
        return true
    }

    /// Likewise, but only what was not accepted before.
    mutating func abandonPending() -> Bool {
        named.contains { !registered.contains($0) } && abandon()
    }

    mutating func abandonAll() {
        for prefix in named { drop(prefix) }
        isUntold = false
    }

    /// The update that named them may be lost.
    mutating func tellAgain() {
        if named.contains(where: { !registered.contains($0) }) { isUntold = true }
    }

    private mutating func drop(_ prefix: IPPrefix) {
        named.removeAll { $0 == prefix }
        registered.removeAll { $0 == prefix }
        relinquished.insert(prefix)
    }

    /// Nothing is registered any more; names stay, to be asked for again.
    mutating func end() {
        registered = []
        relinquished = []
    }
}
