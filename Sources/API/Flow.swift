// SPDX-License-Identifier: Apache-2.0

/// The packets with one five-tuple.
package struct Flow: Codable, Sendable, Equatable {
    /// The mobile node identifier.
    package var mobileNode: String
    /// In the form `tcp 10.0.0.1:5000 > 10.1.0.1:80`; IPv6 addresses stand in brackets.
    package var tuple: String
    /// The path that the flow is pinned to; absent where packets are distributed one by one.
    package var bindingIdentifier: Int?
    /// Inner packets.
    package var packets: Int
    /// Octets of the inner packets.
    package var octets: Int
    /// Seconds since the last packet.
    package var idleSeconds: Double

    package init(
        mobileNode: String,
        tuple: String,
        bindingIdentifier: Int? = nil,
        packets: Int,
        octets: Int,
        idleSeconds: Double
    ) {
        self.mobileNode = mobileNode
        self.tuple = tuple
        self.bindingIdentifier = bindingIdentifier
        self.packets = packets
        self.octets = octets
        self.idleSeconds = idleSeconds
    }
}
