// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Names and files of the demo of moves: one anchor, two gateways with two lines each, and a host that has nothing but its
/// link-layer address.
struct MovesScene: Sendable {
    static let server = "2001:db8:ffff::80"
    static let lineRate = 25
    static let hostLink = "02:00:5e:10:00:01"
    static let host = "phone@nodes.example.net"
    /// A bridge at each gateway, into which the host's cable is plugged.
    static let accessLink = "acc0"
    /// The cable's end at a gateway.
    static let plug = "plug"

    let folder: String

    var anchorFile: String { folder + "/anchor.yaml" }
    var anchorSocket: String { folder + "/lma.sock" }
    func gatewayFile(_ number: Int) -> String { folder + "/gateway\(number).yaml" }
    func gatewaySocket(_ number: Int) -> String { folder + "/mag\(number).sock" }

    static func links() throws -> [String: LinkChanges] {
        let line = try LinkChanges(commaSeparated: "rate=\(lineRate)mbit,delay=10ms,queue=60ms")
        return ["wan1": line, "wan2": line]
    }

    func writeConfigurations() throws {
        try anchorConfiguration.write(toFile: anchorFile, atomically: true, encoding: .utf8)
        for number in [1, 2] {
            try gatewayConfiguration(number).write(toFile: gatewayFile(number), atomically: true, encoding: .utf8)
        }
    }

    private static func authentication(_ gateway: Int) -> String {
        "{ spi: \(255 + gateway), key: 000102030405060708090a0b0c0d0e0\(gateway), algorithm: hmac-sha256-128 }"
    }

    private var anchorConfiguration: String {
        let gateways = [1, 2].map { number in
            """
                - identifier: mag\(number)@example.net
                  mobile-nodes: ["@nodes.example.net"]
                  authentication: \(Self.authentication(number))
            """
        }
        return """
            lma:
              name: lma1
              addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
              pools:
                home-network-prefixes: { from: "2001:db8:1234::/48", length: 64 }
              distribution: { mode: per-packet, rates: { 11: \(Self.lineRate)mbit, 9: \(Self.lineRate)mbit } }
              gateways:
            \(gateways.joined(separator: "\n"))
              management: { socket: \(anchorSocket) }
              store: memory

            """
    }

    private func gatewayConfiguration(_ number: Int) -> String {
        """
        mag:
          identifier: mag\(number)@example.net
          anchor:
            addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
            authentication: \(Self.authentication(number))
          wans:
            - { interface: wan1, binding-identifier: 1, label: 11, access-technology: e-utran, family: ipv6, \
        uplink-rate: \(Self.lineRate)mbit }
            - { interface: wan2, binding-identifier: 2, label: 9, access-technology: ethernet, family: ipv4, \
        uplink-rate: \(Self.lineRate)mbit }
          access:
            - { interface: \(Self.accessLink) }
          mobile-nodes:
            - { identifier: \(Self.host), mac: "\(Self.hostLink)" }
          distribution: { mode: per-packet }
          management: { socket: \(gatewaySocket(number)) }
          store: memory

        """
    }
}
