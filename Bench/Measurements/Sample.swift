// SPDX-License-Identifier: Apache-2.0
import CAllocations
import Glibc

/// What one run of a subject took.
struct Sample {
    /// Processor time of this thread: what else the machine does disturbs it less than the time of day.
    var nanosecondsPerOperation: Double
    var allocationsPerOperation: Double

    /// Runs the operations, `count` of them.
    static func taking(_ count: Int, _ operations: () -> Void) -> Sample {
        let allocations = plait_allocations()
        let start = processorTime()
        operations()
        let elapsed = processorTime() - start
        let allocated = plait_allocations() - allocations
        return Sample(
            nanosecondsPerOperation: Double(elapsed) / Double(max(1, count)),
            allocationsPerOperation: Double(allocated) / Double(max(1, count))
        )
    }

    private static func processorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
