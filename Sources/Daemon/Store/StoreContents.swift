// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// What a store has at a start.
package struct StoreContents: Equatable, Sendable {
    package var sessions: StoredSessions
    /// To be told to peers (RFC 5847 §3.2): the same as before, unless state was lost.
    package var restartCounter: UInt32
    /// In words, for the log: what was lost or refused.
    package var losses: [String]

    package init(sessions: StoredSessions = StoredSessions(), restartCounter: UInt32, losses: [String] = []) {
        self.sessions = sessions
        self.restartCounter = restartCounter
        self.losses = losses
    }
}
