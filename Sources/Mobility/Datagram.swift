// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A mobility message as it leaves or reaches a machine: directly behind IPv6 (next header 135), or behind UDP over
/// IPv4 (RFC 5844 §4.1) or IPv6 (our extension). One without octets reminds an address translator and says nothing.
package struct Datagram: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// Of UDP; nil directly behind IPv6.
    package var ports: Ports?
    /// At a gateway: the WAN, by its configured name, over which it came or leaves.
    package var wan: String?
    /// From the mobility header's first octet on. Without UDP its checksum is in place.
    package var octets: [UInt8]

    package struct Ports: Hashable, Sendable {
        package var source: UInt16
        package var destination: UInt16

        package init(source: UInt16, destination: UInt16) {
            self.source = source
            self.destination = destination
        }

        package static let control = Ports(source: MobilityPort.control, destination: MobilityPort.control)
        package var reversed: Ports { Ports(source: destination, destination: source) }
    }

    package init(source: IPAddress, destination: IPAddress, ports: Ports?, octets: [UInt8], wan: String? = nil) {
        self.source = source
        self.destination = destination
        self.ports = ports
        self.octets = octets
        self.wan = wan
    }
}
