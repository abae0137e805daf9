// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Between which ends a message travels.
package struct SignallingRoute: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// Over IPv4.
    package var ports: Datagram.Ports?

    /// nil if the two addresses are of different families.
    package init?(from source: IPAddress, to destination: IPAddress) {
        guard source.isIPv4 == destination.isIPv4 else { return nil }
        self.source = source
        self.destination = destination
        self.ports = source.isIPv4 ? .control : nil
    }

    /// Back to where a datagram came from, through the same ports: this is what crosses an address translator
    /// (RFC 5844 §4.1.3).
    package init(answering datagram: Datagram) {
        source = datagram.destination
        destination = datagram.source
        ports = datagram.ports?.reversed
    }

    func datagram(carrying header: MobilityHeader) -> Datagram {
        var header = header
        header.checksum = 0
        // RFC 5844 §4.1.3.2, §4.2.2.1: over IPv4 the checksum field is zero; UDP has one.
        var octets = header.octets
        if case .v6(let near) = source, case .v6(let far) = destination { octets = header.octets(from: near, to: far) }
        return Datagram(source: source, destination: destination, ports: ports, octets: octets)
    }
}
