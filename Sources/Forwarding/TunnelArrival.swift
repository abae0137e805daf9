// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The outer headers of a packet from a tunnel, as the socket reports them.
package struct TunnelArrival: Hashable, Sendable {
    package enum Transport: Hashable, Sendable {
        /// The slot starts with the inner packet, whose family the outer protocol number told (4 or 41).
        case ipInIP(isIPv4: Bool)
        /// The slot starts with the GRE header.
        case gre
        /// The slot starts with the UDP payload, sent to port 5437.
        case udp(sourcePort: UInt16)
    }

    /// Outer destination.
    package var local: IPAddress
    /// Outer source.
    package var remote: IPAddress
    package var transport: Transport
    /// Over which of the machine's links it came, where paths are bound to links; 0 elsewhere.
    package var outlet: Int32
    /// Of the outer header: DSCP and ECN.
    package var trafficClass: UInt8
    /// From its arrival at the machine until now, not below zero: no part of the time that the path takes.
    package var waited: Duration

    package init(
        local: IPAddress,
        remote: IPAddress,
        transport: Transport,
        outlet: Int32 = 0,
        trafficClass: UInt8 = 0,
        waited: Duration = .zero
    ) {
        self.local = local
        self.remote = remote
        self.transport = transport
        self.outlet = outlet
        self.trafficClass = trafficClass
        self.waited = waited
    }

    /// 0 without UDP.
    var port: UInt16 { if case .udp(let port) = transport { port } else { 0 } }

    var isUDP: Bool { if case .udp = transport { true } else { false } }
}
