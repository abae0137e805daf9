// SPDX-License-Identifier: Apache-2.0
package import Wire

/// An IPv4 address of an interface, with the network that it stands in.
package struct InterfaceAddress: Equatable, Sendable {
    package let address: IPv4Address
    package let network: IPPrefix

    /// nil if the address cannot be a host's in a network of that length.
    package init?(_ address: IPv4Address, length: Int) {
        guard address.isUnicast, (1...30).contains(length), let network = IPPrefix(.v4(address), length: length),
            // Neither all zeros nor all ones (RFC 1122 §3.2.1.3).
            network.address != .v4(address), address.value | UInt32.max << UInt32(32 - length) != .max
        else { return nil }
        self.address = address
        self.network = network
    }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let text = try node.word(atMost: 64)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(parts[0]), let length = Int(parts[1]),
            let valid = InterfaceAddress(address, length: length)
        else {
            throw node.failure("\"\(text)\" is not a host's address with its network", hint: "such as 192.168.77.1/24")
        }
        self = valid
    }
}
