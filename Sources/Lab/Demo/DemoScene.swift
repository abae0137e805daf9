// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The demo's lines, names and files in one place.
struct DemoScene: Sendable {
    /// How the daemons share user packets among the paths; the word in their configuration.
    enum Distribution: String, Sendable {
        case perPacket = "per-packet"
        case perFlow = "per-flow"
    }

    static let downloadOctets = 100_000_000
    static let wan1Rate = 20
    static let wan2Rate = 30
    static let serverIPv6 = "2001:db8:ffff::80"
    static let serverIPv4 = "192.0.3.80"

    let folder: String
    let program: String

    var anchorSocket: String { folder + "/lma.sock" }
    var gatewaySocket: String { folder + "/mag.sock" }
    var anchorFile: String { folder + "/anchor.yaml" }
    var gatewayFile: String { folder + "/gateway.yaml" }
    var gatewayStore: String { folder + "/mag.sqlite" }
    var anchorStore: String { folder + "/lma.sqlite" }
    var webFolder: String { folder + "/www" }
    var download: String { folder + "/download" }

    /// Links of unlike rate and delay.
    static func links() throws -> [String: LinkChanges] {
        [
            "wan1": try LinkChanges(commaSeparated: "rate=\(wan1Rate)mbit,delay=15ms,queue=60ms"),
            "wan2": try LinkChanges(commaSeparated: "rate=\(wan2Rate)mbit,delay=10ms,queue=60ms"),
        ]
    }

    /// Makes the folder and the file to download.
    func prepare() async throws {
        try FileManager.default.createDirectory(atPath: webFolder, withIntermediateDirectories: true)
        try await Command.run(
            ["sh", "-ec", "head -c \(Self.downloadOctets) /dev/urandom > \(webFolder)/file"]
        )
    }

    func writeConfigurations(_ distribution: Distribution) throws {
        try anchorConfiguration(distribution).write(toFile: anchorFile, atomically: true, encoding: .utf8)
        try gatewayConfiguration(distribution).write(toFile: gatewayFile, atomically: true, encoding: .utf8)
    }

    private static let authentication =
        "{ spi: 256, key: 000102030405060708090a0b0c0d0e0f, algorithm: hmac-sha1-96 }"

    private func anchorConfiguration(_ distribution: Distribution) -> String {
        """
        lma:
          name: lma1
          addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
          pools:
            home-network-prefixes:   { from: "2001:db8:1234::/48", length: 64 }
            delegated-ipv6-prefixes: { from: "2001:db8:5600::/40", length: 56 }
            delegated-ipv4-prefixes: { from: 10.20.0.0/16, length: 24 }
          distribution:
            mode: \(distribution.rawValue)
            reorder-timeout: 100ms
            rates: { 11: \(Self.wan1Rate)mbit, 9: \(Self.wan2Rate)mbit }
          gateways:
            - identifier: mag1@example.net
              mobile-nodes: [cpe1@example.net]
              authentication: \(Self.authentication)
          management: { socket: \(anchorSocket) }
          store: \(anchorStore)

        """
    }

    private func gatewayConfiguration(_ distribution: Distribution) -> String {
        """
        mag:
          identifier: mag1@example.net
          anchor:
            addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
            authentication: \(Self.authentication)
          mobile-node: { identifier: cpe1@example.net, delegated-prefixes: [ipv6, ipv4] }
          wans:
            - { interface: wan1, binding-identifier: 1, label: 11, access-technology: e-utran, family: ipv6, \
        uplink-rate: \(Self.wan1Rate)mbit }
            - { interface: wan2, binding-identifier: 2, label: 9, access-technology: ethernet, family: ipv4, \
        uplink-rate: \(Self.wan2Rate)mbit }
          lan: { interface: lan0, dns: ["2001:db8:53::53"] }
          distribution: { mode: \(distribution.rawValue), reorder-timeout: 100ms }
          management: { socket: \(gatewaySocket) }
          store: \(gatewayStore)

        """
    }
}
