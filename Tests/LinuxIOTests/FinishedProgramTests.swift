// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing

@Suite struct FinishedProgramTests {
    @Test func inputOutputAndStatusAreTold() throws {
        let program = try FinishedProgram(running: ["sh", "-c", "cat; echo bad >&2; exit 3"], input: "good\n")
        #expect(program.output == "good\nbad\n")
        #expect(program.status == 3)
    }

    @Test func muchInputAndMuchOutputDoNotWaitForEachOther() throws {
        let text = String(repeating: "0123456789abcdef", count: 100_000)
        let program = try FinishedProgram(running: ["cat"], input: text)
        #expect(program.output == text)
        #expect(program.status == 0)
    }

    @Test func signalThatEndsItIsTold() throws {
        #expect(try FinishedProgram(running: ["sh", "-c", "kill -TERM $$"], input: "").status == 128 + Int(SIGTERM))
    }

    @Test func missingProgramIsAnError() {
        let error = #expect(throws: SystemError.self) { try FinishedProgram(running: ["plait-no-such"], input: "") }
        #expect(error?.errno == ENOENT)
    }

    @Test func itRunsInTheThreadsNamespace() throws {
        let network = try ScratchNetwork()
        let links = try network.left.run { try FinishedProgram(running: ["ip", "link"], input: "").output }
        #expect(links.contains("wire"))
    }
}
