// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Turns Ctrl-C and SIGTERM into the cancellation of a task, so that it can clean up.
enum Interruption {
    private static let received = Atomic<Bool>(false)

    /// Runs the body; a signal cancels it and is thrown as a `LabFailure`.
    static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
        // The first use makes the variable: not to be left to the handler.
        received.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.received.store(true, ordering: .relaxed) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: body)
            group.addTask {
                while !received.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(50)) }
                throw LabFailure("interrupted")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
