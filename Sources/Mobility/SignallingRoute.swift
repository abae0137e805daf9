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

    func datagram(carrying header: MobilityHeader) -> Datagram {
        var header = header
        header.checksum = 0
        // RFC 5844 §4.1.3.2, §4.2.2.1: behind UDP, which has one, the checksum field is zero.
        var octets = header.octets
        if ports == nil, case .v6(let near) = source, case .v6(let far) = destination {
            octets = header.octets(from: near, to: far)
        }
        return datagram(of: octets)
    }

    /// Reminds an address translator of this route.
    var keepalive: Datagram { datagram(of: []) }

    private func datagram(of octets: [UInt8]) -> Datagram {
        Datagram(source: source, destination: destination, ports: ports, octets: octets, wan: wan)
    }
}
