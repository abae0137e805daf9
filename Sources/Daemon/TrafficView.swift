// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Mobility
import Wire

/// What the worker has carried, under the engines' names instead of the forwarder's numbers.
struct TrafficView: Sendable {
    var paths: [PathIdentifier: PathSnapshot] = [:]
    var sessions: [SessionIdentifier: Forwarding.SessionSnapshot] = [:]
    var flows: [(session: SessionIdentifier, path: PathIdentifier?, flow: FlowSnapshot)] = []
    var drops = DropCounters()
    var worker = WorkerCounters()
}

/// What the worker hands out at a moment, still under its own numbers.
struct WorkerSnapshot: Sendable {
    var forwarder: ForwarderSnapshot
    var flows: [FlowSnapshot]
    var counters: WorkerCounters
}

extension DataPlane {
    func view(of snapshot: WorkerSnapshot) -> TrafficView {
        var view = TrafficView()
        view.drops = snapshot.forwarder.drops
        view.worker = snapshot.counters
        for session in snapshot.forwarder.sessions {
            guard let name = identifier(of: session.number) else { continue }
            view.sessions[name] = session
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
