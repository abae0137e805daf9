// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a gateway lets in from the tunnel.
package struct FirewallConfiguration: Equatable, Sendable {
    /// Whether connections that begin outside are refused (RFC 6092).
    package let refusesInbound: Bool
    /// What may be reached nevertheless.
    package let allowed: [AllowedService]

    init(_ node: ConfigurationNode?) throws(ConfigurationError) {
        let section = try node?.section(["inbound", "allow"])
        refusesInbound = try section?.optional("inbound")?.choice(["refuse": true, "allow": false]) ?? true
        var allowed: [AllowedService] = []
        for item in try section?.optional("allow")?.list() ?? [] {
            let section = try item.section(["protocol", "port", "to"])
            let ports = try TransportPorts(section)
            let address = try section.optional("to").map { node throws(ConfigurationError) in try node.hostAddress() }
            allowed.append(AllowedService(ports, at: address))
        }
        self.allowed = allowed
    }
}

extension ConfigurationNode {
    /// An address of either family that a host can have.
    fileprivate func hostAddress() throws(ConfigurationError) -> IPAddress {
        let text = try word(atMost: 64)
        guard let address = IPAddress(text) else { throw failure("\"\(text)\" is not an address") }
        guard address.isRoutableUnicast else { throw failure("\(text) is not a unicast address beyond a link") }
        return address
    }
}
