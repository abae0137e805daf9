// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The outer headers of a packet from a tunnel, as the socket reports them.
package struct TunnelArrival: Hashable, Sendable {
    package enum Transport: Hashable, Sendable {
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

    package init(local: IPAddress, remote: IPAddress, transport: Transport) {
        self.local = local
        self.remote = remote
        self.transport = transport
    }
}
