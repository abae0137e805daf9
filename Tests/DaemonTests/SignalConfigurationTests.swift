// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing

/// How gateways are asked and notified, and what they may ask (RFC 5846 §11, §13, RFC 7077 §7).
@Suite struct SignalConfigurationTests {
    private func settings(_ text: String) throws -> AnchorSettings {
        guard case .anchor(let anchor) = try ConfigurationFile.parse(text, file: "a.yaml") else {
            throw ConfigurationError(file: "a.yaml", line: nil, keyPath: "", problem: "is no anchor")
        }
        return AnchorSettings(anchor, restartCounter: 1)
    }

    @Test func standardsValuesAreUsual() throws {
        let settings = try settings(ConfigurationTexts.leastAnchor)
        #expect(settings.revocation == RevocationSettings(initialDelay: .seconds(1), maximumDelay: .seconds(2)))
        #expect(settings.notification == NotificationSettings(delay: .seconds(1), retransmissions: 1))
        #expect(settings.revocation.retries == 1)
        #expect(settings.gateways.map(\.isGlobalRevocationAllowed) == [false])
        #expect(settings.gateways.map(\.areFlowBindingsAllowed) == [true])
    }

    @Test func valuesReachTheEngine() throws {
        let keys = """
              revocation: { initial-delay: 500ms, maximum-delay: 3s, retries: 4 }
              notification: { delay: 2s, retransmissions: 0 }

            """
        let text =
            ConfigurationTexts.leastAnchor.replacing(
                "none\n",
                with: "none\n      may-revoke-all: true\n      flow-bindings: false\n"
            ) + keys
        let settings = try settings(text)
        #expect(
            settings.revocation
                == RevocationSettings(initialDelay: .milliseconds(500), maximumDelay: .seconds(3), retries: 4)
        )
        #expect(settings.notification == NotificationSettings(delay: .seconds(2), retransmissions: 0))
        #expect(settings.gateways.map(\.isGlobalRevocationAllowed) == [true])
        #expect(settings.gateways.map(\.areFlowBindingsAllowed) == [false])
    }

    static let faults = [
        (
            "revocation: { initial-delay: 499ms }",
            "a.yaml:10: lma.revocation.initial-delay: 499ms is out of range; from 500ms to 10s"
        ),
        (
            "revocation: { initial-delay: 3s, maximum-delay: 2s }",
            "a.yaml:10: lma.revocation: initial-delay 3s is longer than maximum-delay 2s"
        ),
        ("revocation: { retries: 6 }", "a.yaml:10: lma.revocation.retries: 6 is out of range; from 0 to 5"),
        (
            "revocation: { often: 6 }",
            "a.yaml:10: lma.revocation.often: unknown key; allowed here: initial-delay, maximum-delay, retries"
        ),
        ("notification: { delay: 6s }", "a.yaml:10: lma.notification.delay: 6s is out of range; from 500ms to 5s"),
        ("notification: 3", "a.yaml:10: lma.notification: a single value is not a section of keys and values"),
    ]

    @Test(arguments: faults) func mistakeIsToldWithItsLine(_ key: String, _ expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try settings(ConfigurationTexts.leastAnchor + "  \(key)\n")
        }
        #expect(error?.description == expected)
    }

    @Test func permissionIsAYesOrANo() {
        let text = ConfigurationTexts.leastAnchor.replacing("none\n", with: "none\n      may-revoke-all: sometimes\n")
        let error = #expect(throws: ConfigurationError.self) { try settings(text) }
        #expect(
            error?.description
                == "a.yaml:10: lma.gateways[0].may-revoke-all: \"sometimes\" is not one of true, false"
        )
    }
}
