// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Console
import Testing

/// What operators type.
@Suite struct CommandLineTests {
    @Test func notificationNamesANodeOrAGateway() throws {
        let node = try NotifyCommand.parse(["cpe1@example.net", "re-register", "--acknowledged"]).request()
        #expect(
            node == API.NotificationRequest(mobileNode: "cpe1@example.net", reason: .reregister, acknowledged: true)
        )
        let gateway = try NotifyCommand.parse(["--gateway", "mag1@example.net", "name-access-networks"]).request()
        #expect(gateway == API.NotificationRequest(gateway: "mag1@example.net", reason: .nameAccessNetworks))
    }

    @Test(
        arguments: [
            ["cpe1@example.net"], ["re-register"], ["--gateway", "g", "cpe1@example.net", "re-register"],
            ["cpe1@example.net", "reregister"], [],
        ]
    )
    func otherNotificationsAreMistakes(_ words: [String]) {
        let error = #expect(throws: (any Error).self) { try NotifyCommand.parse(words) }
        #expect(error.map { NotifyCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test(
        arguments: [
            ["session"], ["session", "n", "--binding", "0"], ["session", "n", "--binding", "255"],
            ["session", "n", "--binding", "1", "--ipv4"], ["gateway"], ["realm"], ["all", "n"], ["nothing"],
        ]
    )
    func mistakenRevocationsAreNotSent(_ words: [String]) {
        let error = #expect(throws: (any Error).self) { try RevokeCommand.parseAsRoot(words) }
        #expect(error.map { RevokeCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test func answersAreATable() {
        let answers = [
            API.GatewayAnswer(gateway: "mag1@example.net", subject: "cpe1/2", outcome: "revoked", isDone: true)
        ]
        #expect(answers.table.text == "GATEWAY           ABOUT   OUTCOME\nmag1@example.net  cpe1/2  revoked\n")
    }
}
