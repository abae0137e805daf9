// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Synchronization
import Testing
import Wire

@Suite struct WatchedProgramTests {
    private final class Outcome: Sendable {
        let ends = Mutex<[WatchedProgram.End]>([])
    }

    /// How a program ends; nil if it has not within a time that is long enough for all here.
    private func end(
        of arguments: [String],
        within time: Duration = .seconds(60),
        printingAtMost limit: Int = 100
    ) throws -> WatchedProgram.End? {
        let reactor = try Reactor(name: "test")
        let outcome = Outcome()
        let program = try WatchedProgram(
            running: arguments,
            within: time,
            printingAtMost: limit,
            on: reactor
        ) { end in outcome.ends.withLock { $0.append(end) } }
        try reactor.start()
        defer { reactor.stop() }
        return withExtendedLifetime(program) { poll { outcome.ends.withLock { $0.first } } }
    }

    @Test func outputAndStatusAreTold() throws {
        let program = ["sh", "-c", "echo good; echo bad >&2; exit 3"]
        #expect(try end(of: program) == .ended(status: 3, output: "good\n"))
        #expect(try end(of: ["sh", "-c", "kill -TERM $$"]) == .ended(status: 128 + Int(SIGTERM), output: ""))
    }

    @Test func neitherTimeNorOutputIsWithoutBound() throws {
        #expect(try end(of: ["sleep", "1000"], within: .milliseconds(50)) == .tookTooLong)
        #expect(try end(of: ["yes"]) == .printedTooMuch)
    }

    @Test func whatItHasStartedEndsWithIt() throws {
        let text = try #require(try end(of: ["sh", "-c", "sleep 1000 & echo $!"]))
        guard case .ended(status: 0, let output) = text, let child = Int32(output.dropLast()) else {
            Issue.record("\(text)")
            return
        }
        // Whoever inherits it reaps it.
        let isGone: Bool? = poll { kill(child, 0) != 0 || isZombie(child) ? true : nil }
        #expect(isGone == true)
    }

    private func isZombie(_ process: Int32) -> Bool {
        (try? shell("cut -d' ' -f3 /proc/\(process)/stat"))?.hasPrefix("Z") ?? true
    }

    @Test func aMissingProgramIsAnError() {
        let error = #expect(throws: SystemError.self) { try end(of: ["/nonexistent/program"]) }
        #expect(error?.errno == ENOENT)
    }
}
