// SPDX-License-Identifier: Apache-2.0

extension MobileAccessGateway {
    /// Takes up what was stored, before it is started. What the configuration asks for no longer is not taken up. Only the
    /// logical node has a record: a physical one attaches anew.
    package mutating func restore(_ stored: StoredSessions) {
        shared.start = stored.start
        for index in sessions.indices { withSession(index) { $0.restore(stored) } }
    }
}
