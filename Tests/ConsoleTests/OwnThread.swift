// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// A thread for what blocks, beside those that Swift's tasks share: one for each processor, so that a client that waits for
/// a server's answer there keeps the server from giving it.
final class OwnThread: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
