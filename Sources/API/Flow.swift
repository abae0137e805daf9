// SPDX-License-Identifier: Apache-2.0

/// The packets with one five-tuple.
package struct Flow: Codable, Sendable, Equatable {
    /// The mobile node identifier.
    package var mobileNode: String
    /// In the form `tcp 10.0.0.1:5000 > 10.1.0.1:80`; IPv6 addresses stand in brackets.
    package var tuple: String
    /// The path of the newest packet; absent without multipath.
    package var bindingIdentifier: Int?
    /// The rule of the policy that the newest packet matched; absent: none.
    package var rule: String?
    /// Why the newest packet took its path, in words.
    package var reason: String
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
        rule: String? = nil,
        reason: String,
        packets: Int,
        octets: Int,
        idleSeconds: Double
    ) {
        self.mobileNode = mobileNode
        self.tuple = tuple
        self.bindingIdentifier = bindingIdentifier
        self.rule = rule
        self.reason = reason
        self.packets = packets
        self.octets = octets
        self.idleSeconds = idleSeconds
    }
}
