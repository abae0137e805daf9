// SPDX-License-Identifier: Apache-2.0

/// An amount of traffic.
package struct Traffic: Codable, Sendable, Equatable {
    /// Inner packets.
    package var packets: Int
    /// Octets of the inner packets, their own headers included and the tunnel's left out.
    package var octets: Int

    package init(packets: Int, octets: Int) {
        self.packets = packets
        self.octets = octets
    }
}
