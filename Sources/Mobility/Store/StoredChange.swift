// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What a store has to learn of an engine's sessions.
package enum StoredChange: Equatable, Sendable {
    /// The session as it now is. One that is not urgent changed only what a restored session does without: lifetimes,
    /// time stamps; it may wait a second, and be written once for many.
    case put(SessionRecord, isUrgent: Bool)
    case remove(SessionIdentifier)
    /// What the updates of a node's ended bindings were numbered.
    case floor(FloorRecord)
    /// The node's floor, if there is one, is not needed any more.
    case forget(NodeIdentifier)

    package var isUrgent: Bool {
        switch self {
        case .put(_, let isUrgent): isUrgent
        case .remove, .floor, .forget: true
        }
    }

    /// nil: none.
    package var session: SessionIdentifier? {
        switch self {
        case .put(let record, _): record.identifier
        case .remove(let identifier): identifier
        case .floor, .forget: nil
        }
    }
}
