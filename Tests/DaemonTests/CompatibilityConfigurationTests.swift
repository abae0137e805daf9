// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

@Suite struct CompatibilityConfigurationTests {
    private static let anchorText = ConfigurationTexts.anchor
        .replacing("mobile-nodes: [cpe2@example.net, cpe3@example.net]", with: "mobile-nodes: [00000200000000aa]")
        .replacing("authentication: none\n", with: "authentication: none\n      compatibility: oai\n")

    @Test func makesOfGatewaysReachTheEngine() throws {
        guard case .anchor(let anchor) = try ConfigurationFile.parse(Self.anchorText, file: "anchor.yaml") else {
            Issue.record("is no anchor")
            return
        }
        let peers = AnchorSettings(anchor, restartCounter: 1).gateways
        #expect(peers.map(\.compatibility) == [.strict, .oai])
        #expect(peers.last?.mobileNodes == [NodeIdentifier(nai: "00000200000000aa")])
    }

    @Test func makeOfTheAnchorReachesTheEngine() throws {
        let text = ConfigurationTexts.leastGateway
            .replacing("authentication: none }", with: "authentication: none, compatibility: opmip }")
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "gateway.yaml") else {
            Issue.record("is no gateway")
            return
        }
        #expect(GatewaySettings(gateway, restartCounter: 1).anchors.map(\.compatibility) == [.opmip])
    }

    static let faults = [
        ConfigurationFault(
            file: "anchor.yaml",
            original: "authentication: none\n",
            replacement: "authentication: none\n      compatibility: opimp\n",
            expected: "anchor.yaml:24: lma.gateways[1].compatibility: \"opimp\" is not one of strict, opmip, oai"
        ),
        ConfigurationFault(
            file: "anchor.yaml",
            original: "0f }\n",
            replacement: "0f }\n      compatibility: opmip\n",
            expected: "anchor.yaml:21: lma.gateways[0].compatibility: opmip knows no message authentication; "
                + "protect its messages by other means and say authentication: none"
        ),
        ConfigurationFault(
            file: "anchor.yaml",
            original: "authentication: none\n",
            replacement: "authentication: none\n      compatibility: oai\n",
            expected: "anchor.yaml:24: lma.gateways[1].compatibility: oai names mobile nodes by eight octets, and "
                + "\"cpe2@example.net\" is not sixteen hexadecimal digits; such as 00000200000000aa"
        ),
        ConfigurationFault(
            file: "gateway.yaml",
            original: "algorithm: hmac-sha1-96 }",
            replacement: "algorithm: hmac-sha1-96 }\n    compatibility: oai",
            expected: "gateway.yaml:6: mag.anchor.compatibility: oai knows no message authentication; "
                + "protect its messages by other means and say authentication: none"
        ),
        ConfigurationFault(
            file: "gateway.yaml",
            original: "addresses: { ipv6: \"2001:db8:100::1\" }\n",
            replacement: "addresses: { ipv6: \"2001:db8:100::1\" }\n    compatibility: [oai]\n",
            expected: "gateway.yaml:5: mag.anchor.compatibility: a list is not one of strict, opmip, oai"
        ),
    ]

    @Test(arguments: faults) func mistakeIsToldWithItsLine(_ fault: ConfigurationFault) throws {
        let text = try #require(fault.text)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(text, file: fault.file)
        }
        #expect(error?.description == fault.expected)
    }
}
