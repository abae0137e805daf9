// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing
import Wire

@Suite struct SocketWaitTests {
    private static let midnight: Int64 = 1_800_000_000_000_000_000

    @Test func itLastsFromTheStampToTheReading() {
        var wait = SocketWait()
        wait.read(at: .zero + .milliseconds(1000), wallNanoseconds: Self.midnight)
        wait.read(at: .zero + .milliseconds(1500), wallNanoseconds: Self.midnight + 500_000_000)
        #expect(wait.length(since: Self.midnight + 480_000_000) == .milliseconds(20))
        // The clocks were looked at one after the other.
        #expect(wait.length(since: Self.midnight + 500_000_001) == .zero)
        #expect(wait.length(since: nil) == .zero)
    }

    /// What was stamped by a clock that has been set since tells nothing, in either direction.
    @Test(arguments: [-3600, -1, 1, 3600] as [Int64]) func aClockThatIsSetTellsNothing(seconds: Int64) {
        var wait = SocketWait()
        wait.read(at: .zero + .milliseconds(1000), wallNanoseconds: Self.midnight)
        let set = Self.midnight + seconds * 1_000_000_000
        wait.read(at: .zero + .milliseconds(1100), wallNanoseconds: set + 100_000_000)
        #expect(wait.length(since: Self.midnight + 50_000_000) == .zero)
        wait.read(at: .zero + .milliseconds(1200), wallNanoseconds: set + 200_000_000)
        #expect(wait.length(since: set + 150_000_000) == .milliseconds(50))
    }

    @Test func whateverTheClocksSay() {
        for wall in [Int64.min, -1, 0, .max] {
            var wait = SocketWait()
            wait.read(at: .zero, wallNanoseconds: 0)
            wait.read(at: .zero + .milliseconds(1), wallNanoseconds: wall)
            for stamp in [Int64.min, 0, .max] { #expect(wait.length(since: stamp) >= .zero) }
        }
    }
}
