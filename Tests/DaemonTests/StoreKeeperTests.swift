// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testbed
import Testing
import Wire

/// When changes are written, and what happens while they cannot be.
@Suite struct StoreKeeperTests {
    typealias Bench = StoreBench

    private let log = LogLines()
    private let store = FickleStore()

    private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func urgentIsWrittenAtOnceAndTakesAlongWhatWaited() {
        let keeper = StoreKeeper(store, logger: log.logger)
        keeper.take([.put(Bench.record(1), isUrgent: false)], at: Self.at(0))
        #expect(store.commits.isEmpty && keeper.nextDeadline == Self.at(1000))
        keeper.take([.put(Bench.record(2), isUrgent: true)], at: Self.at(500))
        #expect(store.commits.map(\.count) == [2] && keeper.nextDeadline == nil)
    }

    @Test func refreshesWaitASecondAndAreWrittenOnceForAll() {
        let keeper = StoreKeeper(store, logger: log.logger)
        for millisecond in 0..<999 as Range<Int64> {
            var record = Bench.record(Int(millisecond % 3) + 1)
            record.legs[0].sequence = UInt16(millisecond)
            keeper.take([.put(record, isUrgent: false)], at: Self.at(millisecond))
        }
        #expect(store.commits.isEmpty)
        keeper.take([], at: Self.at(1000))
        #expect(store.commits.map(\.count) == [3])
        let newest = store.commits[0].compactMap {
            if case .put(let record, _) = $0 { record.legs[0].sequence } else { nil }
        }
        #expect(Set(newest) == [996, 997, 998])
        keeper.take([], at: Self.at(3000))
        #expect(store.commits.count == 1)
    }

    @Test func closingWritesWhatWaits() {
        let keeper = StoreKeeper(store, logger: log.logger)
        keeper.take([.put(Bench.record(1), isUrgent: false)], at: Self.at(0))
        keeper.close(at: Self.at(1))
        #expect(store.commits.count == 1 && store.isClosed)
    }

    @Test func whatIsUrgentIsHeldUpWhileTheStoreFailsAndWhatIsNotIsNot() {
        let keeper = StoreKeeper(store, logger: log.logger)
        store.failure = StoreFailure(.unwritable, "database or disk is full")
        let new = StoredChange.put(Bench.record(1), isUrgent: true)
        let refresh = StoredChange.put(Bench.record(2), isUrgent: false)
        keeper.take([new, refresh], at: Self.at(0))
        #expect(keeper.holdsUp(new) && !keeper.holdsUp(refresh) && !keeper.isWell)
        // Nor may it be told once more: it still is not there.
        let again = StoredChange.put(Bench.record(1), isUrgent: false)
        keeper.take([again], at: Self.at(500))
        #expect(keeper.holdsUp(again))
        // Tried again each second, said once.
        for second in 1...5 as ClosedRange<Int64> { keeper.take([], at: Self.at(second * 1000)) }
        #expect(store.tries == 6 && keeper.nextDeadline == Self.at(6000))
        #expect(log.count("error: bindings cannot be stored: database or disk is full") == 1)
        store.failure = nil
        keeper.take([], at: Self.at(6000))
        #expect(keeper.isWell && !keeper.holdsUp(again) && store.commits.map(\.count) == [2])
        #expect(log.lines.last == "notice: bindings are stored again")
    }

    @Test func oneContradictionKeepsNobodyElseOut() throws {
        let bench = try Bench(.sqlite)
        let keeper = StoreKeeper(try bench.open(), logger: log.logger)
        var double = Bench.record(2)
        double.uplinkKey = Bench.record(1).uplinkKey
        keeper.take([.put(Bench.record(1), isUrgent: true)], at: Self.at(0))
        keeper.take([.put(double, isUrgent: true), .put(Bench.record(3), isUrgent: true)], at: Self.at(1))
        #expect(keeper.isWell && log.count("cpe2@example.net is not stored") == 1)
        keeper.close(at: Self.at(2))
        #expect(try bench.open().load().sessions.sessions.map(\.identifier.mobileNode) == [1, 3].map(Bench.node))
    }
}

/// Fails when told to.
private final class FickleStore: BindingStore {
    var failure: StoreFailure?
    private(set) var commits: [[StoredChange]] = []
    private(set) var tries = 0
    private(set) var isClosed = false

    func load() throws(StoreFailure) -> StoreContents {
        StoreContents(sessions: StoredSessions(), restartCounter: 1)
    }

    func commit(_ changes: [StoredChange]) throws(StoreFailure) {
        tries += 1
        if let failure { throw failure }
        commits.append(changes)
    }

    func close() { isClosed = true }
}
