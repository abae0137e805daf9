// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Synchronization
import Testing
import Wire

@Suite struct ReactorTests {
    /// An actor on a reactor, as planes are.
    actor Plane {
        let reactor: Reactor
        private(set) var received: [UInt8] = []

        init(_ reactor: Reactor) { self.reactor = reactor }

        nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

        func watch(_ fd: Int32) throws {
            try reactor.watch(fd) { [unowned self] in
                self.assumeIsolated { plane in
                    var octet: UInt8 = 0
                    if read(fd, &octet, 1) == 1 { plane.received.append(octet) }
                }
            }
        }

        /// The first handler to run takes both files off.
        func watchOnce(_ first: Int32, _ second: Int32) throws {
            for fd in [first, second] {
                try reactor.watch(fd) { [unowned self] in
                    self.assumeIsolated { plane in
                        plane.received.append(1)
                        plane.reactor.unwatch(first)
                        plane.reactor.unwatch(second)
                    }
                }
            }
        }

        func isOnReactor() -> Bool { reactor.isCurrent }
    }

    private func waitUntil(_ condition: () async -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if await condition() { return true }
            await Task.yield()
        }
        return false
    }

    private func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// Rings as they happened. The alarms are set before the reactor starts, so that a busy machine cannot
    /// come between two of them.
    final class Log: Sendable {
        struct Ring: Equatable {
            let name: String
            let at: Instant
        }

        private let rings = Mutex<[Ring]>([])

        func note(_ name: String) {
            let now = SystemClock.now()
            rings.withLock { $0.append(Ring(name: name, at: now)) }
        }

        var all: [Ring] { rings.withLock { $0 } }
        var names: [String] { all.map(\.name) }

        /// What was noted once `name` has been.
        func upTo(_ name: String) -> [String]? { poll { names.contains(name) ? names : nil } }
    }

    @Test func alarmsRingInTheOrderOfTheirDeadlines() throws {
        let reactor = try Reactor(name: "alarms")
        let log = Log()
        let start = SystemClock.now()
        for (name, moment) in [
            ("late", start + .milliseconds(60)), ("early", start + .milliseconds(20)), ("never", Instant?.none),
            ("middle", start + .milliseconds(40)), ("past", start - .seconds(1)), ("neither", .never),
        ] {
            reactor.makeAlarm { log.note(name) }.set(at: moment)
        }
        try reactor.start()
        #expect(log.upTo("late") == ["past", "early", "middle", "late"])
        reactor.stop()
        let due = [20, 40, 60].map { start + .milliseconds($0) }
        #expect(zip(log.all.dropFirst(), due).allSatisfy { $0.at >= $1 }, "none rings too early")
    }

    @Test func alarmsRingWithinAMillisecond() throws {
        let reactor = try Reactor(name: "precision")
        let log = Log()
        let start = SystemClock.now()
        let due = (1...50).map { start + .milliseconds(10 * $0) }
        for (index, moment) in due.enumerated() {
            reactor.makeAlarm { log.note(index == 49 ? "end" : "\(index)") }.set(at: moment)
        }
        try reactor.start()
        #expect(log.upTo("end") != nil)
        reactor.stop()
        let delays = zip(log.all, due).map { $0.at - $1 }.sorted()
        // Other tests keep the processors busy; what the reactor itself costs shows in the quickest tenth. The goal is
        // a millisecond, and only ten times that a failure.
        print("alarms: the quickest tenth rings within \(delays[4]), half within \(delays[25]); goal 1 ms")
        #expect(delays[4] < .milliseconds(10), "\(delays[0]) \(delays[4]) \(delays[25]) \(delays[49])")
    }

    @Test func alarmsThatAreLateRingInTheirOrderAlthoughAHandlerMovesOne() throws {
        let reactor = try Reactor(name: "late")
        let log = Log()
        let past = SystemClock.now() - .seconds(1)
        let moved = reactor.makeAlarm { log.note("moved") }
        reactor.makeAlarm {
            log.note("first")
            moved.set(at: past + .milliseconds(40))
        }.set(at: past)
        moved.set(at: past + .milliseconds(10))
        reactor.makeAlarm { log.note("between") }.set(at: past + .milliseconds(20))
        reactor.makeAlarm { log.note("end") }.set(at: past + .milliseconds(60))
        try reactor.start()
        #expect(log.upTo("end") == ["first", "between", "moved", "end"])
        reactor.stop()
    }

    @Test func anAlarmThatIsAlwaysLateDoesNotStopTheRest() throws {
        let reactor = try Reactor(name: "always")
        let log = Log()
        var alarm: Alarm?
        alarm = reactor.makeAlarm { alarm?.set(at: .zero) }
        alarm?.set(at: .zero)
        try reactor.start()
        reactor.post { log.note("errand") }
        #expect(log.upTo("errand") == ["errand"])
        reactor.stop()
    }

    @Test func alarmsWithTheSameDeadlineRingInTheOrderOfBeingSet() throws {
        let reactor = try Reactor(name: "alarms")
        let log = Log()
        let moment = SystemClock.now() + .milliseconds(20)
        let alarms = ["a", "b", "c"].map { name in reactor.makeAlarm { log.note(name) } }
        for alarm in alarms { alarm.set(at: moment) }
        alarms[0].set(at: nil)
        alarms[0].set(at: moment)
        try reactor.start()
        #expect(log.upTo("a") == ["b", "c", "a"])
        reactor.stop()
    }

    @Test func handlersMoveAndCancelAlarmsThatAreDueAtOnce() throws {
        let reactor = try Reactor(name: "alarms")
        let log = Log()
        let start = SystemClock.now()
        let moved = reactor.makeAlarm { log.note("moved") }
        let cancelled = reactor.makeAlarm { log.note("cancelled") }
        let first = reactor.makeAlarm {
            log.note("first")
            moved.set(at: start + .milliseconds(40))
            cancelled.cancel()
        }
        for alarm in [first, moved, cancelled] { alarm.set(at: start) }
        reactor.makeAlarm { log.note("between") }.set(at: start + .milliseconds(20))
        reactor.makeAlarm { log.note("end") }.set(at: start + .milliseconds(60))
        try reactor.start()
        #expect(log.upTo("end") == ["first", "between", "moved", "end"])
        reactor.stop()
    }

    @Test func errandsRunInTheOrderOfPosting() throws {
        let reactor = try Reactor(name: "post")
        let order = Mutex<[Int]>([])
        let record: @Sendable (Int) -> Void = { number in
            order.withLock { $0.append(reactor.isCurrent ? number : -1) }
        }
        for number in 0..<50 { reactor.post { record(number) } }
        try reactor.start()
        for number in 50..<1000 { reactor.post { record(number) } }
        reactor.stop()
        #expect(order.withLock { $0 } == Array(0..<1000))
    }

    @Test func errandsOfManyThreadsAllRun() async throws {
        let reactor = try Reactor(name: "post")
        try reactor.start()
        let count = Atomic(0)
        let post: @Sendable () -> Void = {
            for _ in 0..<500 { reactor.post { count.add(1, ordering: .relaxed) } }
        }
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { post() } }
        }
        reactor.stop()
        let total = count.load(ordering: .relaxed)
        #expect(total == 4000)
    }

    @Test func actorsRunOnTheThreadAndHandlersAreIsolatedToThem() async throws {
        let reactor = try Reactor(name: "isolation")
        try reactor.start()
        defer { reactor.stop() }
        let plane = Plane(reactor)
        #expect(!reactor.isCurrent)
        #expect(await plane.isOnReactor())
        let (readEnd, writeEnd) = try pipe()
        defer { close(readEnd); close(writeEnd) }
        try await plane.watch(readEnd)
        write(writeEnd, [7, 8, 9] as [UInt8], 3)
        #expect(await waitUntil { await plane.received == [7, 8, 9] })
    }

    @Test func aHandlerMayTakeItselfAndOthersOff() async throws {
        let reactor = try Reactor(name: "unwatch")
        let (firstRead, firstWrite) = try pipe()
        let (secondRead, secondWrite) = try pipe()
        defer { for fd in [firstRead, firstWrite, secondRead, secondWrite] { close(fd) } }
        // Both are readable before the reactor runs, so one round finds both.
        write(firstWrite, [1] as [UInt8], 1)
        write(secondWrite, [1] as [UInt8], 1)
        let plane = Plane(reactor)
        try reactor.start()
        defer { reactor.stop() }
        try await plane.watchOnce(firstRead, secondRead)
        // Each answer comes from a round of its own, after the files of that round.
        for _ in 0..<3 { #expect(await plane.isOnReactor()) }
        #expect(await plane.received == [1])
    }

    @Test func stoppingRunsWhatWasPostedAndLetsGoOfHandlers() throws {
        final class Held {}
        let reactor = try Reactor(name: "stop")
        weak var watched: Held?
        weak var alarmed: Held?
        let (readEnd, writeEnd) = try pipe()
        defer {
            close(readEnd)
            close(writeEnd)
        }
        do {
            let first = Held()
            let second = Held()
            (watched, alarmed) = (first, second)
            try reactor.watch(readEnd) { _ = first }
            reactor.makeAlarm { _ = second }.set(at: SystemClock.now() + .seconds(3600))
        }
        #expect(watched != nil && alarmed != nil)
        try reactor.start()
        let ran = Atomic(false)
        let run: @Sendable () -> Void = { ran.store(true, ordering: .relaxed) }
        // An errand that posts another one at the very end.
        reactor.post { reactor.post { reactor.post(run) } }
        reactor.stop()
        let hasRun = ran.load(ordering: .relaxed)
        #expect(hasRun)
        #expect(watched == nil && alarmed == nil)
        reactor.stop()
    }

    @Test func watchingWhatIsNoFileIsAnError() throws {
        let reactor = try Reactor(name: "bad")
        #expect(throws: SystemError.self) { try reactor.watch(-1) {} }
    }
}
