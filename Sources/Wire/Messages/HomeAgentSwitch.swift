// SPDX-License-Identifier: Apache-2.0

/// Home Agent Switch (RFC 5142 §3): client mode, the home agent names others to go to.
///
/// ```
///                                 |# of Addresses |   Reserved    |
/// |                 Home Agent Addresses (16 each) ...            |
/// |                       Mobility Options ...                    |
/// ```
package struct HomeAgentSwitch: MobilityMessageFormat {
    package static let type: UInt8 = 12
    package static let minimumLength = 8

    /// In the order of preference; none means: find one yourself. 255 at most.
    package var homeAgents: [IPv6Address]
    /// As received: zero from us, for the receiver to ignore.
    package var reserved: UInt8 = 0
    package var options: MobilityOptions

    package init(homeAgents: [IPv6Address], options: MobilityOptions = MobilityOptions()) {
        self.homeAgents = homeAgents
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        let count = try reader.octet("# of Addresses")
        reserved = try reader.octet("Reserved")
        homeAgents = []
        for _ in 0..<count { homeAgents.append(try reader.ipv6Address("Home Agent Addresses")) }
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        let addresses = homeAgents.prefix(255)
        writer.octet(UInt8(clamping: addresses.count))
        writer.octet(reserved)
        for address in addresses { writer.ipv6Address(address) }
        options.encode(into: &writer)
    }

    package var name: String { "Home Agent Switch" }
    package var fields: [Field] {
        [Field("home-agents", homeAgents.map { $0.description }.joined(separator: " "))]
    }
    package var message: MobilityMessage { .homeAgentSwitch(self) }
}
