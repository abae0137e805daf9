// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Between which ends a message travels.
package struct SignallingRoute: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// nil: directly behind IPv6.
    package var ports: Datagram.Ports?
    /// At a gateway: the WAN that carries it.
    package var wan: String?

    /// IPv4 always has UDP. nil if the two addresses are of different families.
    package init?(from source: IPAddress, to destination: IPAddress, overUDP: Bool = false, wan: String? = nil) {
        guard source.isIPv4 == destination.isIPv4 else { return nil }
        self.source = source
        self.destination = destination
        self.ports = source.isIPv4 || overUDP ? .control : nil
        self.wan = wan
    }

    /// Back to where a datagram came from, through the same ports: this is what crosses an address translator
    /// (RFC 5844 §4.1.3).
    package init(answering datagram: Datagram) {
        source = datagram.destination
        destination = datagram.source
        ports = datagram.ports?.reversed
        wan = datagram.wan
    }

    package var isUDP: Bool { ports != nil }

    /// The two ends as they are known to heartbeats.
    var pair: SignallingPair { SignallingPair(local: source, remote: destination, remotePort: ports?.destination) }

    /// A mobility header with zero in its checksum field, which it keeps behind UDP, which has one
    /// (RFC 5844 §4.1.3.2, §4.2.2.1).
    func datagram(of header: [UInt8]) -> Datagram {
        var octets = header
        if ports == nil, case .v6(let near) = source, case .v6(let far) = destination {
            octets = MobilityHeader.withChecksum(header, from: near, to: far)
        }
        return Datagram(source: source, destination: destination, ports: ports, octets: octets, wan: wan)
    }

    /// Reminds an address translator of this route.
    var keepalive: Datagram {
        Datagram(source: source, destination: destination, ports: ports, octets: [], wan: wan)
    }
}
