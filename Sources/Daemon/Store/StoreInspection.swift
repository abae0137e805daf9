// SPDX-License-Identifier: Apache-2.0
import Dispatch
import GRDB
import Synchronization

/// Looks whether a store's file is sound, on a connection and a thread of its own: that takes as long as reading it, and
/// gateways wait for both.
final class StoreInspection: Sendable {
    private let group = DispatchGroup()
    private let verdict = Mutex<Result<String, StoreFailure>>(.success("ok"))

    init(of path: String) {
        DispatchQueue.global(qos: .userInitiated).async(group: group) {
            let found = Self.inspect(path)
            self.verdict.withLock { $0 = found }
        }
    }

    /// Until it has ended.
    func wait() { group.wait() }

    /// Waits for the end; throws what is wrong.
    func finish() throws(StoreFailure) {
        wait()
        let found = try verdict.withLock { $0 }.get()
        guard found == "ok" else { throw StoreFailure(.damaged, found) }
    }

    private static func inspect(_ path: String) -> Result<String, StoreFailure> {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.label = "plait.store.inspection"
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? database.close() }
            return .success(
                try database.unsafeRead { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
                    ?? "nothing is known of it"
            )
        } catch {
            return .failure(StoreFailure(error))
        }
    }
}
