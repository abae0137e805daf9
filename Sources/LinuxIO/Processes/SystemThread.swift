// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A thread of its own for work that waits, or that lives in another network namespace.
package enum SystemThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread that nobody joins.
    package static func start(_ run: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let number = pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            body.toOpaque()
        )
        guard number == 0 else {
            body.release()
            throw SystemError(call: "pthread_create", errno: number, subject: "")
        }
        pthread_detach(thread)
    }

    /// Runs the calling thread before all ordinary ones. Returns whether the system allowed it.
    package static func preferOverOrdinaryThreads() -> Bool {
        var parameters = sched_param()
        parameters.sched_priority = 1
        return sched_setscheduler(0, SCHED_RR, &parameters) == 0
    }
}
