// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// Keeps what a data plane and a routing table would hold after an engine's actions, and notes every action that does
/// not fit them.
package struct Ledger: Equatable, Sendable {
    package private(set) var sessions: [SessionIdentifier: SessionDescription] = [:]
    /// Whose numbers are expected, which is each end's own affair.
    package private(set) var senders: [SessionIdentifier: UInt32] = [:]
    package private(set) var paths: [PathIdentifier: PathDescription] = [:]
    /// What physical nodes have.
    package private(set) var services: [NodeIdentifier: MobileNodeService] = [:]
    package private(set) var prefixes: Set<IPPrefix> = []
    package private(set) var homeAddresses: Set<IPv4Address> = []
    /// What a store would hold, urgent or not.
    package private(set) var records: [SessionIdentifier: SessionRecord] = [:]
    package private(set) var floors: [NodeIdentifier: FloorRecord] = [:]
    /// Traffic needs no anchor.
    package private(set) var isBrokenOut = false
    /// Names that were to be looked up.
    package private(set) var lookups: [String] = []
    package private(set) var notices: [Notice] = []
    package private(set) var faults: [String] = []

    package init() {}

    /// With nothing but what is stored.
    package init(storing stored: StoredSessions) {
        for record in stored.sessions { records[record.identifier] = record }
        for floor in stored.floors { floors[floor.mobileNode] = floor }
    }

    package var isEmpty: Bool {
        sessions.isEmpty && paths.isEmpty && services.isEmpty && prefixes.isEmpty && homeAddresses.isEmpty
    }

    /// As the next start over this store finds it.
    package func stored(start: UInt32) -> StoredSessions {
        let sessions = records.values.sorted { $0.identifier.description < $1.identifier.description }
        return StoredSessions(sessions: sessions, floors: Array(floors.values), start: start)
    }

    package mutating func fault(_ text: String) { faults.append(text) }

    package mutating func enter(_ action: Action) {
        switch action {
        case .send: break
        case .resolve(let name): lookups.append(name)
        case .report(let notice): notices.append(notice)
        case .network(.addPrefix(let prefix)):
            if !prefixes.insert(prefix).inserted { fault("\(prefix) added twice") }
        case .network(.removePrefix(let prefix)):
            if prefixes.remove(prefix) == nil { fault("\(prefix) removed, but never added") }
        case .network(.addHomeAddress(let address)):
            if !homeAddresses.insert(address).inserted { fault("\(address) added twice") }
        case .network(.removeHomeAddress(let address)):
            if homeAddresses.remove(address) == nil { fault("\(address) removed, but never added") }
        case .network(.beginBreakOut):
            if isBrokenOut { fault("break-out began twice") }
            isBrokenOut = true
        case .network(.endBreakOut):
            if !isBrokenOut { fault("break-out ended, but never began") }
            isBrokenOut = false
        case .serve(let service):
            if sessions[SessionIdentifier(mobileNode: service.identifier)] == nil {
                fault("\(service.identifier) served before its session is in forwarding")
            }
            services[service.identifier] = service
        case .stopServing(let node, _):
            if services.removeValue(forKey: node) == nil { fault("\(node) not served, but never was") }
        case .forward(let change): enter(change)
        case .store(let change): enter(change)
        }
    }

    private mutating func enter(_ change: StoredChange) {
        switch change {
        case .put(let record, _): records[record.identifier] = record
        case .remove(let session): records[session] = nil
        case .floor(let floor): floors[floor.mobileNode] = floor
        case .forget(let node): floors[node] = nil
        }
    }

    private mutating func enter(_ change: SessionChange) {
        switch change {
        case .install(var session):
            senders[session.identifier] = session.sender
            session.sender = 0
            sessions[session.identifier] = session
        case .installPath(let path):
            if sessions[path.identifier.session] == nil { fault("\(path.identifier) installed before its session") }
            paths[path.identifier] = path
        case .removePath(let path):
            if paths.removeValue(forKey: path) == nil { fault("\(path) removed, but never installed") }
        case .remove(let session):
            if services[session.mobileNode] != nil { fault("\(session) removed while it is served") }
            if sessions.removeValue(forKey: session) == nil { fault("\(session) removed, but never installed") }
            senders[session] = nil
            paths = paths.filter { $0.key.session != session }
        }
    }
}
