// SPDX-License-Identifier: Apache-2.0
import Wire

/// Heartbeats on one pair of addresses, for the bindings that use it.
struct AnchorHeartbeat: Sendable {
    var monitor: HeartbeatMonitor
    var paths: Set<PathIdentifier>
    /// The gateway that registered here last, and from which care-of address: what a message that says neither is
    /// judged by, at no cost that grows with the bindings.
    var gateway: NodeIdentifier
    var careOf: IPAddress
    /// Where that registration came from: heartbeats go there.
    var route: SignallingRoute
    /// What the last response said, known to every binding here but the newcomers: the same once more is news to none
    /// of them, and they are not asked. There may be very many.
    private(set) var settled: Settled?
    private(set) var newcomers: Set<PathIdentifier> = []

    struct Settled: Equatable, Sendable {
        /// Whose response it was.
        var gateway: NodeIdentifier
        var restartCounter: UInt32?
    }

    /// The binding's gateway has registered here. `isNews` if its session has yet to hear of a restart counter.
    mutating func take(_ binding: Binding, of gateway: NodeIdentifier, isNews: Bool) {
        monitor.registered()
        let isNew = paths.insert(binding.path).inserted
        // Before anything was said everybody is one.
        if settled != nil, isNew || isNews { newcomers.insert(binding.path) }
        self.gateway = gateway
        careOf = binding.careOf
        route = binding.route
    }

    mutating func leave(_ path: PathIdentifier) {
        paths.remove(path)
        newcomers.remove(path)
    }

    /// Those to whom a response may be news.
    func audience(of said: Settled) -> Set<PathIdentifier> { settled == said ? newcomers : paths }

    mutating func settle(_ said: Settled?) {
        settled = said
        if said != nil { newcomers = [] }
    }
}
