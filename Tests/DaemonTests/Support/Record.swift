// SPDX-License-Identifier: Apache-2.0
import Lab
import Synchronization

/// What happened on another thread, in its order.
final class Record<Entry: Sendable & Equatable>: Sendable {
    private let all = Mutex<[Entry]>([])

    var entries: [Entry] { all.withLock { $0 } }

    func note(_ entry: Entry) { all.withLock { $0.append(entry) } }

    /// Waits until the newest entry is this one.
    func ends(with entry: Entry) async throws -> Bool {
        try await Patience.wait(.seconds(30)) { entries.last == entry }
    }
}
