// SPDX-License-Identifier: Apache-2.0

/// All that a store gives back to an engine at its start.
package struct StoredSessions: Equatable, Sendable {
    package var sessions: [SessionRecord]
    package var floors: [FloorRecord]
    /// Which start of the engine over this store it is, from 1 on.
    package var start: UInt32

    package init(sessions: [SessionRecord] = [], floors: [FloorRecord] = [], start: UInt32 = 1) {
        self.sessions = sessions
        self.floors = floors
        self.start = start
    }
}
