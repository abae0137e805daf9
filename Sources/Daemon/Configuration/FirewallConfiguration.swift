// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a gateway lets in from the tunnel.
package struct FirewallConfiguration: Equatable, Sendable {
    /// Whether connections that begin outside are refused (RFC 6092).
    package let refusesInbound: Bool
    /// What may be reached nevertheless.
    package let allowed: [AllowedService]

    init(_ node: ConfigurationNode?, lans: [InterfaceAddress]) throws(ConfigurationError) {
        let section = try node?.section(["inbound", "allow"])
        refusesInbound = try section?.optional("inbound")?.choice(["refuse": true, "allow": false]) ?? true
        var allowed: [AllowedService] = []
        for item in try section?.optional("allow")?.list() ?? [] {
            let section = try item.section(["protocol", "port", "to"])
            let ports = try TransportPorts(section)
            let host = section.optional("to")
            let address = try host.map { node throws(ConfigurationError) in try node.hostAddress() }
            if let address, let lan = lans.first(where: { $0.network.contains(address) }) {
                if address == .v4(lan.address) {
                    throw (host ?? item).failure("\(address) is the gateway's own address")
                }
                try Self.check(ports, beside: allowed, lans, item)
            }
            allowed.append(AllowedService(ports, at: address))
        }
        self.allowed = allowed
    }

    /// What is for hosts of the private network comes to the home address: there a port leads to one of them.
    private static func check(
        _ ports: TransportPorts,
        beside others: [AllowedService],
        _ lans: [InterfaceAddress],
        _ item: ConfigurationNode
    ) throws(ConfigurationError) {
        for other in others where other.ports.overlaps(ports) {
            guard let host = other.address, lans.contains(where: { $0.network.contains(host) }) else { continue }
            throw item.failure("\(ports) goes to \(host) already")
        }
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
