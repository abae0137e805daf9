// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// For how long more something may wait since a line has gone. What that is good for is in BondingFieldTests.
@Suite struct RecentCapacityTests {
    private func instant(_ milliseconds: Int64) -> Instant { .milliseconds(100_000 + milliseconds) }

    @Test func aWindowForWhatWasCarriedMayWait() {
        var capacity = RecentCapacity()
        #expect(capacity.patience(with: 1, at: instant(0)) == .zero)
        for time in stride(from: Int64(0), through: 2000, by: 50) {
            capacity.note(90e6, .milliseconds(100), at: instant(time))
        }
        #expect(capacity.patience(with: 90e6, at: instant(2000)) == .zero)
        #expect(capacity.patience(with: 100e6, at: instant(2000)) == .zero)
        // At a third of the rate it takes three times as long.
        #expect(capacity.patience(with: 30e6, at: instant(4000)) == .milliseconds(200))
        capacity.note(30e6, .milliseconds(50), at: instant(4000))
        #expect(capacity.patience(with: 30e6, at: instant(4000)) == .milliseconds(200))
        // After two seconds it is less and less, and after six it is nothing.
        #expect(capacity.patience(with: 30e6, at: instant(6000)) == .milliseconds(50))
        #expect(capacity.patience(with: 30e6, at: instant(8000)) == .zero)
    }

    @Test func nothingWaitsMoreThanASecondLonger() {
        var capacity = RecentCapacity()
        capacity.note(90e6, .milliseconds(100), at: instant(0))
        #expect(capacity.patience(with: 1e6, at: instant(0)) == .seconds(1))
        // No path is left: nothing is divided by that.
        #expect(capacity.patience(with: 0, at: instant(0)) == .seconds(1))
    }
}
