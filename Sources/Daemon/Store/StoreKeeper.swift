// SPDX-License-Identifier: Apache-2.0
package import Logging
package import Mobility
package import Wire

/// Brings what engines want stored into the store, and says what may not be acknowledged because it is not there.
///
/// While the store fails, users who are there are served on: their refreshes are answered, and written when the store
/// is well again. What would be lost with the process is not acknowledged.
package final class StoreKeeper {
    /// Between two tries while the store fails.
    package static let retryTime = Duration.seconds(1)

    private let store: any BindingStore
    private let logger: Logger
    private var backlog = Backlog()
    private var retryAt: Instant?
    /// Why nothing can be stored; nil while all is well.
    package private(set) var failure: StoreFailure?

    package init(_ store: any BindingStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    package var isWell: Bool { failure == nil }
    package var nextDeadline: Instant? { retryAt ?? backlog.dueAt }

    /// Takes the changes of a turn, and writes what cannot wait, in one transaction.
    package func take(_ changes: [StoredChange], at now: Instant) {
        for change in changes { backlog.add(change, at: now) }
        guard !backlog.isEmpty else { return }
        if let retryAt {
            guard now >= retryAt else { return }
        } else if !backlog.hasUrgent, let dueAt = backlog.dueAt, now < dueAt {
            return
        }
        write(at: now)
    }

    /// Whether the change is not stored and would be missed.
    package func holdsUp(_ change: StoredChange) -> Bool { backlog.holdsUp(change) }

    /// Writes what waits, and closes the store.
    package func close(at now: Instant) {
        if !backlog.isEmpty { write(at: now) }
        store.close()
    }

    private func write(at now: Instant) {
        let changes = backlog.changes
        do throws(StoreFailure) {
            try commit(changes)
            backlog.isStored()
            retryAt = nil
            if failure != nil { logger.notice("bindings are stored again") }
            failure = nil
        } catch {
            retryAt = now + Self.retryTime
            if failure == nil {
                logger.error(
                    "bindings cannot be stored: \(error); who is served is served on, who is new is refused until they can"
                )
            }
            failure = error
        }
    }

    /// One that contradicts what is stored must not keep the others out: it alone is given up.
    private func commit(_ changes: [StoredChange]) throws(StoreFailure) {
        do throws(StoreFailure) {
            try store.commit(changes)
        } catch  where error.kind == .contradiction {
            for change in changes {
                do throws(StoreFailure) {
                    try store.commit([change])
                } catch  where error.kind == .contradiction {
                    let session = change.session.map { "\($0)" } ?? "a floor"
                    logger.error("\(session) is not stored, and would not outlive a restart: \(error)")
                }
            }
        }
    }
}
