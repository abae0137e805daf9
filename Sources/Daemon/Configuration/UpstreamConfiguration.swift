// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The anchor's link to the Internet, as far as it is not only a router there.
package struct UpstreamConfiguration: Equatable, Sendable {
    /// The operating system's interface.
    package let interface: String
    /// What the addresses of an IPv6 pool with `upstream: nat` become; nil: the interface's own address.
    package let translation: IPPrefix?
    /// No port occurs twice.
    package let portForwards: [PortForward]

    init(
        _ node: ConfigurationNode,
        pools: PoolsConfiguration,
        anchor: AnchorAddresses
    ) throws(ConfigurationError) {
        let section = try node.section(["interface", "ipv6-prefix", "port-forwards"])
        interface = try section.required("interface").interfaceName()
        translation = try section.optional("ipv6-prefix").map { node throws(ConfigurationError) in
            let prefix = try Self.translation(node, pools: pools)
            // Everything for the anchor itself would go into the tunnels.
            if let address = anchor.all.first(where: { prefix.contains($0) }) {
                throw node.failure("\(prefix) contains the anchor's own address \(address)")
            }
            return prefix
        }
        var forwards: [PortForward] = []
        for item in try section.optional("port-forwards")?.list() ?? [] {
            let forward = try Self.portForward(item, pools: pools)
            if let other = forwards.first(where: {
                $0.ports.overlaps(forward.ports) && $0.address.isIPv4 == forward.address.isIPv4
            }) {
                throw item.failure("\(forward.ports) goes to \(other.address) already")
            }
            forwards.append(forward)
        }
        portForwards = forwards
    }

    /// Bit for bit: both prefixes have the same length.
    private static func translation(
        _ node: ConfigurationNode,
        pools: PoolsConfiguration
    ) throws(ConfigurationError) -> IPPrefix {
        let prefix = try node.prefix(.ipv6)
        let hidden = pools.all.filter { $0.pool.upstream == .nat && !$0.pool.block.isIPv4 }
        guard hidden.count == 1, let (key, pool) = hidden.first else {
            throw node.failure(
                "is of use for exactly one IPv6 pool with upstream: nat",
                hint: "there are \(hidden.count)"
            )
        }
        guard pool.block.length == prefix.length else {
            throw node.failure("\(prefix) has another length than \(key), \(pool.block)")
        }
        if let (key, pool) = pools.all.first(where: { $0.pool.block.overlaps(prefix) }) {
            throw node.failure("\(prefix) overlaps with \(key), \(pool.block)")
        }
        return prefix
    }

    private static func portForward(
        _ node: ConfigurationNode,
        pools: PoolsConfiguration
    ) throws(ConfigurationError) -> PortForward {
        let section = try node.section(["protocol", "port", "to"])
        let ports = try TransportPorts(section)
        if ports.overlaps(TransportPorts(.udp, MobilityPort.control...MobilityPort.data)) {
            throw node.failure("udp 5436 and 5437 belong to the tunnels")
        }
        let target = try section.required("to")
        let (address, port) = try target.addressWithPort()
        guard pools.all.contains(where: { $0.pool.block.contains(address) }) else {
            throw target.failure("\(address) is not an address of lma.pools")
        }
        guard port == nil || ports.ports.count == 1 else {
            throw target.failure("several ports cannot go to one", hint: "leave the port out: each keeps its number")
        }
        return PortForward(ports, to: address, port: port)
    }
}

extension TransportPorts {
    /// The keys `protocol` and `port` of a section.
    init(_ section: ConfigurationSection) throws(ConfigurationError) {
        let transport = try section.required("protocol").choice(["tcp": TransportProtocol.tcp, "udp": .udp])
        self.init(transport, try section.required("port").ports())
    }
}

extension ConfigurationNode {
    /// `8080`, or `8080-8090`.
    fileprivate func ports() throws(ConfigurationError) -> ClosedRange<UInt16> {
        let text = try word(atMost: 11)
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part -> UInt16? in
            guard part.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return UInt16(part).flatMap { $0 > 0 ? $0 : nil }
        }
        guard numbers.count == parts.count, numbers.count <= 2, let first = numbers.first, let last = numbers.last,
            first <= last
        else { throw failure("\"\(text)\" is not a port or a range of ports", hint: "such as 8080 or 8080-8090") }
        return first...last
    }

    /// `10.9.0.1`, `10.9.0.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
    fileprivate func addressWithPort() throws(ConfigurationError) -> (IPAddress, UInt16?) {
        let text = try word(atMost: 64)
        if let address = IPAddress(text) { return (address, nil) }
        if let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 {
            let host = text[..<colon]
            if let address = IPv4Address(host) { return (.v4(address), port) }
            if host.hasPrefix("["), host.hasSuffix("]"), let address = IPv6Address(host.dropFirst().dropLast()) {
                return (.v6(address), port)
            }
        }
        throw failure(
            "\"\(text)\" is not an address",
            hint: "such as 10.9.0.1, 10.9.0.1:80, 2001:db8::1 or [2001:db8::1]:80"
        )
    }
}
