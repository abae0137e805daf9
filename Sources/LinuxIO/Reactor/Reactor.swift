// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Synchronization
internal import Wire

/// One thread that waits for files, alarms and letters, and on which actors run.
///
/// An actor pins itself by returning `reactor.asUnownedSerialExecutor()` from its `unownedExecutor`.
/// Readiness handlers and alarms then run where the actor runs: they enter it by `assumeIsolated` and
/// nothing needs a lock. `watch`, `unwatch` and alarms belong to the thread, or to anybody before `start`;
/// `post` and actor jobs may come from everywhere. Stop a reactor after whatever awaits its actors: jobs
/// that come later are never run.
///
/// `@unchecked Sendable`: `watches`, `alarms`, `armed` and `isStopping` are touched by the thread only, or
/// before it starts and after it has been joined (`assertOwned`); `thread` by start and stop, which one owner calls.
package final class Reactor: SerialExecutor, @unchecked Sendable {
    private struct Watch {
        let generation: UInt32
        let readable: () -> Void
    }

    /// Files handled between two looks at letters and alarms.
    private static let eventsPerRound = 64

    package let name: String
    private let epoll: FileDescriptor
    private let bell: FileDescriptor
    private let timer: FileDescriptor
    private let mailbox = Mutex(Mailbox())
    private let isStarted = Atomic<Bool>(false)
    /// The running thread, or zero.
    private let runner = Atomic<UInt>(0)
    private var thread: pthread_t?
    private var watches: [Int32: Watch] = [:]
    private var generation: UInt32 = 0
    private var alarms: [Alarm] = []
    private var alarmOrder: UInt64 = 0
    private var armed: Instant?
    private var isStopping = false

    /// The name is the thread's (15 characters of it) and appears in errors.
    package init(name: String) throws(SystemError) {
        self.name = name
        epoll = try FileDescriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), call: "epoll_create", subject: name)
        bell = try FileDescriptor(
            eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)),
            call: "eventfd",
            subject: name
        )
        timer = try FileDescriptor(
            timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC | TFD_NONBLOCK)),
            call: "timerfd_create",
            subject: name
        )
        try register(bell.raw, generation: 0)
        try register(timer.raw, generation: 0)
    }

    // MARK: Life

    /// Starts the thread; once in a reactor's life. Throws if the system has none left.
    package func start() throws(SystemError) {
        let first = isStarted.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent)
        precondition(first.exchanged, "a reactor starts once")
        var thread = pthread_t()
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Reactor>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        guard failure == 0 else {
            Unmanaged.passUnretained(self).release()
            throw SystemError(call: "pthread_create", errno: failure, subject: name)
        }
        self.thread = thread
    }

    /// Runs what is in the mailbox, ends the thread, waits for it and lets go of all handlers.
    package func stop() {
        guard let thread else { return }
        precondition(!isCurrent, "a reactor is stopped from outside")
        self.thread = nil
        post { self.isStopping = true }
        pthread_join(thread, nil)
        watches = [:]
        alarms = []
    }

    // MARK: Files

    /// Calls the handler whenever the file can be read, or has an error to be read. Level-triggered: the
    /// handler is called again until it has read everything.
    package func watch(_ fd: Int32, readable: @escaping () -> Void) throws(SystemError) {
        assertOwned()
        generation &+= 1
        try register(fd, generation: generation)
        watches[fd] = Watch(generation: generation, readable: readable)
    }

    /// From here on the handler is not called, not even for what this round has already found.
    package func unwatch(_ fd: Int32) {
        assertOwned()
        guard watches.removeValue(forKey: fd) != nil else { return }
        // It may have been closed already, and is gone then: no error.
        _ = epoll_ctl(epoll.raw, EPOLL_CTL_DEL, fd, nil)
    }

    private func register(_ fd: Int32, generation: UInt32) throws(SystemError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: fd))
        try SystemError.check(epoll_ctl(epoll.raw, EPOLL_CTL_ADD, fd, &event), "epoll_ctl", "file \(fd) in \(name)")
    }

    // MARK: Alarms

    /// An alarm that is not set yet. The reactor holds it until it is cancelled or the reactor stops.
    package func makeAlarm(_ handler: @escaping () -> Void) -> Alarm {
        assertOwned()
        let alarm = Alarm(reactor: self, handler: handler)
        alarms.append(alarm)
        return alarm
    }

    func remove(_ alarm: Alarm) {
        assertOwned()
        alarms.removeAll { $0 === alarm }
    }

    func nextAlarmOrder() -> UInt64 {
        alarmOrder &+= 1
        return alarmOrder
    }

    // MARK: Letters

    /// Runs the errand on the thread, after everything posted before. Never waits.
    package func post(_ errand: @Sendable @escaping () -> Void) { send(.errand(errand)) }

    package func enqueue(_ job: consuming ExecutorJob) { send(.job(UnownedJob(job))) }

    private func send(_ letter: consuming Mailbox.Letter) {
        let mustRing = mailbox.withLock { [letter] box in box.add(letter) }
        if mustRing { _ = eventfd_write(bell.raw, 1) }
    }

    // MARK: Isolation

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Whether the caller runs on this reactor's thread.
    package var isCurrent: Bool { runner.load(ordering: .acquiring) == UInt(pthread_self()) }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    package func checkIsolated() { precondition(isCurrent, "not on the thread of reactor \(name)") }

    func assertOwned() {
        precondition(
            isCurrent || !isStarted.load(ordering: .acquiring) || thread == nil,
            "reactor \(name) belongs to its thread"
        )
    }
}

// MARK: The thread

extension Reactor {
    private func run() {
        runner.store(UInt(pthread_self()), ordering: .releasing)
        blockSignals()
        _ = String(name.prefix(15)).withCString { pthread_setname_np(pthread_self(), $0) }
        var events = [epoll_event](repeating: epoll_event(), count: Reactor.eventsPerRound)
        var letters: [Mailbox.Letter] = []
        while !isStopping {
            armTimer()
            let count = epoll_wait(epoll.raw, &events, Int32(Reactor.eventsPerRound), -1)
            precondition(count >= 0 || errno == EINTR, "epoll_wait of \(name) failed")
            for event in events.prefix(Int(max(count, 0))) { handle(event) }
            deliver(&letters)
            ringAlarms()
        }
        repeat { deliver(&letters) } while !letters.isEmpty
        runner.store(0, ordering: .releasing)
    }

    /// Signals belong to the main thread and to those who asked for them.
    private func blockSignals() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    private func handle(_ event: epoll_event) {
        let token = event.data.u64
        let fd = Int32(truncatingIfNeeded: token)
        if fd == bell.raw {
            var count: eventfd_t = 0
            _ = eventfd_read(fd, &count)
        } else if fd == timer.raw {
            var count: UInt64 = 0
            _ = read(fd, &count, MemoryLayout<UInt64>.size)
            armed = nil
        } else if let watch = watches[fd], UInt64(watch.generation) == token >> 32 {
            // The generation tells a file that was closed in this round from one that got its number since.
            watch.readable()
        }
    }

    private func deliver(_ letters: inout [Mailbox.Letter]) {
        mailbox.withLock { $0.empty(into: &letters) }
        for letter in letters {
            switch letter {
            case .errand(let errand): errand()
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }

    /// In the order of their deadlines, also those that a handler moves meanwhile. As many in one round as there
    /// are alarms: a handler that sets its own to the past again does not keep the thread from its files.
    private func ringAlarms() {
        guard alarms.contains(where: { $0.deadline != nil }) else { return }
        let now = SystemClock.now()
        for _ in alarms.indices {
            let next = alarms.min { ($0.deadline ?? .never, $0.order) < ($1.deadline ?? .never, $1.order) }
            guard let next, let deadline = next.deadline, deadline <= now else { return }
            next.ring()
        }
    }

    /// The timer is set anew only for an earlier moment; ringing too early costs one round and saves the
    /// call each time a deadline moves back, which is what deadlines mostly do.
    private func armTimer() {
        guard let earliest = alarms.lazy.compactMap(\.deadline).min() else { return }
        if let armed, armed <= earliest { return }
        let moment = max(earliest.nanoseconds, 1)
        var specification = itimerspec()
        specification.it_value.tv_sec = Int(moment / 1_000_000_000)
        specification.it_value.tv_nsec = Int(moment % 1_000_000_000)
        timerfd_settime(timer.raw, Int32(TFD_TIMER_ABSTIME), &specification, nil)
        armed = earliest
    }
}
