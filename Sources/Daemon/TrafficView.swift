// SPDX-License-Identifier: Apache-2.0
package import Forwarding
package import Mobility

/// What the worker has carried, under the engines' names instead of the forwarder's numbers.
package struct TrafficView: Sendable {
    package var paths: [PathIdentifier: PathSnapshot] = [:]
    package var flows: [(session: SessionIdentifier, path: PathIdentifier?, flow: FlowSnapshot)] = []
    /// By FID.
    package var rules: [SessionIdentifier: [UInt16: RuleCounters]] = [:]
    package var drops = DropCounters()
    package var sequencing = SessionCounters()
    package var worker = WorkerCounters()

    package init() {}
}

/// What the worker hands out at a moment, still under its own numbers.
package struct WorkerSnapshot: Sendable {
    package var forwarder: ForwarderSnapshot
    package var flows: [FlowSnapshot]
    package var counters: WorkerCounters
}

extension DataPlane {
    func view(of snapshot: WorkerSnapshot) -> TrafficView {
        var view = TrafficView()
        view.drops = snapshot.forwarder.drops
        view.sequencing = snapshot.forwarder.sequencing
        view.worker = snapshot.counters
        for session in snapshot.forwarder.sessions {
            if !session.rules.isEmpty, let name = identifier(of: session.number) {
                view.rules[name] = Dictionary(session.rules.map { ($0.rule, $0) }, uniquingKeysWith: { $1 })
            }
            for path in session.paths {
                if let name = identifier(of: path.number) { view.paths[name] = path }
            }
        }
        view.flows = snapshot.flows.compactMap { flow in
            identifier(of: flow.session).map { ($0, identifier(of: flow.path), flow) }
        }
        return view
    }
}
