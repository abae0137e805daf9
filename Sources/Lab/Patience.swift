// SPDX-License-Identifier: Apache-2.0

/// Waits for things that take an unknown time, by asking again and again.
package enum Patience {
    /// Whether the condition came true within the limit. Throws when the task is cancelled.
    package static func wait(
        _ limit: Duration,
        every interval: Duration = .milliseconds(20),
        until condition: () async throws -> Bool
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: interval)
        }
        return true
    }
}
