// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

/// Keeps the sessions in the given memory: for tests, and for who wants nothing kept.
package final class MemoryStore: BindingStore {
    /// What a file would hold.
    package final class Memory {
        var sessions: [SessionIdentifier: SessionRecord] = [:]
        var floors: [NodeIdentifier: FloorRecord] = [:]
        var start: UInt32 = 0
        var restartCounter: UInt32?

        package init() {}
    }

    private let memory: Memory
    private let newCounter: UInt32

    /// `newCounter` is the restart counter of who begins with nothing.
    package init(_ memory: Memory = Memory(), newCounter: UInt32) {
        self.memory = memory
        self.newCounter = newCounter
    }

    package func load() throws(StoreFailure) -> StoreContents {
        memory.start &+= 1
        let counter = memory.restartCounter ?? newCounter
        memory.restartCounter = counter
        let sessions = StoredSessions(
            sessions: Array(memory.sessions.values),
            floors: Array(memory.floors.values),
            start: memory.start
        )
        return StoreContents(sessions: sessions, restartCounter: counter)
    }

    package func commit(_ changes: [StoredChange]) throws(StoreFailure) {
        var sessions = memory.sessions
        for change in changes {
            switch change {
            case .put(let record, _): sessions[record.identifier] = record
            case .remove(let session): sessions[session] = nil
            case .floor, .forget: break
            }
        }
        try check(sessions.values)
        memory.sessions = sessions
        for change in changes {
            switch change {
            case .put, .remove: break
            case .floor(let floor): memory.floors[floor.mobileNode] = floor
            case .forget(let node): memory.floors[node] = nil
            }
        }
    }

    package func close() {}

    private func check(_ sessions: some Sequence<SessionRecord>) throws(StoreFailure) {
        var holders: [IPPrefix: NodeIdentifier] = [:]
        var keys: Set<UInt32> = []
        for session in sessions {
            for prefix in session.prefixes {
                let holder = holders.updateValue(session.identifier.mobileNode, forKey: prefix)
                guard holder == nil || holder == session.identifier.mobileNode else {
                    throw StoreFailure(.contradiction, "\(prefix) is two nodes'")
                }
            }
            if let key = session.uplinkKey, !keys.insert(key).inserted {
                throw StoreFailure(.contradiction, "the uplink key \(key) is two sessions'")
            }
        }
    }
}
