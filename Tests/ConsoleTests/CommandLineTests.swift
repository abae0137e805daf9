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

    @Test(
        arguments: [
            ["tcp 10.0.0.1:5000 > 10.1.0.1:80"], ["tcp", "10.0.0.1:5000", ">", "10.1.0.1:80"],
            ["tcp", "10.0.0.1:5000", "10.1.0.1:80"],
        ]
    )
    func aFlowIsNamedQuotedOrAsWords(_ words: [String]) throws {
        let question = try ExplainCommand.parse(words + ["--dscp", "46"]).question
        #expect(question.codePoint == 46 && question.flowLabel == nil && question.securityParameterIndex == nil)
        #expect(question.tuple.split(separator: " ").filter { $0 != ">" } == ["tcp", "10.0.0.1:5000", "10.1.0.1:80"])
    }

    @Test(
        arguments: [
            [], ["tcp"], ["tcp 10.0.0.1:5000"], ["tpc 10.0.0.1:5000 > 10.1.0.1:80"], ["tcp 10.0.0.1:5000 > [::1]:80"],
            ["icmp 10.0.0.1 > 10.0.0.2", "--dscp", "64"], ["icmp 10.0.0.1 > 10.0.0.2", "--flow-label", "1048576"],
            ["icmp 10.0.0.1 > 10.0.0.2", "--spi", "-1"], ["proto-256 10.0.0.1 > 10.0.0.2"],
        ]
    )
    func otherFlowsAreMistakes(_ words: [String]) {
        let error = #expect(throws: (any Error).self) { try ExplainCommand.parse(words) }
        #expect(error.map { ExplainCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test func explanationIsText() {
        #expect(
            SampleState.explanation.text == """
                mobile node  cpe1@example.net
                rule         web (site's, FID 1): pin
                path         BID 2, label 9, wan2
                why          the rule's first choice

                """
        )
        let none = API.FlowExplanation(mobileNode: "cpe1@example.net", reason: "no path is there")
        #expect(none.text.contains("rule         none: the distribution decides\npath         none\n"))
    }

    @Test func answersAreATable() {
        let answers = [
            API.GatewayAnswer(gateway: "mag1@example.net", subject: "cpe1/2", outcome: "revoked", isDone: true)
        ]
        #expect(answers.table.text == "GATEWAY           ABOUT   OUTCOME\nmag1@example.net  cpe1/2  revoked\n")
    }
}
