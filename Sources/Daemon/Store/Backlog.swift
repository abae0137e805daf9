// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// Changes that the store does not have yet: the newest of each session.
///
/// What is urgent is written before its turn's messages leave. The rest waits up to a second and is written once for
/// however often it changed, with whatever is written earlier.
package struct Backlog {
    package static let patience = Duration.seconds(1)

    private var sessions: [SessionIdentifier: StoredChange] = [:]
    private var floors: [NodeIdentifier: StoredChange] = [:]
    private var urgentSessions: Set<SessionIdentifier> = []
    /// When what waits has waited long enough; nil if nothing does.
    package private(set) var dueAt: Instant?

    package init() {}

    package var isEmpty: Bool { sessions.isEmpty && floors.isEmpty }
    package var hasUrgent: Bool { !urgentSessions.isEmpty || !floors.isEmpty }
    package var changes: [StoredChange] { Array(floors.values) + Array(sessions.values) }

    package mutating func add(_ change: StoredChange, at now: Instant) {
        if dueAt == nil { dueAt = now + Self.patience }
        switch change {
        case .put(let record, _): sessions[record.identifier] = change
        case .remove(let session): sessions[session] = change
        case .floor(let floor): floors[floor.mobileNode] = change
        case .forget(let node): floors[node] = change
        }
        if change.isUrgent, let session = change.session { urgentSessions.insert(session) }
    }

    /// Whether a message that tells of the change would tell of what is not stored.
    package func holdsUp(_ change: StoredChange) -> Bool {
        switch change {
        case .put(let record, _): urgentSessions.contains(record.identifier)
        case .remove(let session): urgentSessions.contains(session)
        case .floor(let floor): floors[floor.mobileNode] != nil
        case .forget: false
        }
    }

    package mutating func isStored() { self = Backlog() }
}
