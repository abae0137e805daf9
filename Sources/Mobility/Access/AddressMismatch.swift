// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A DHCP message that was not relayed because it is about another address than the anchor's (RFC 5844 §3.4.2): an
/// operator has to bring the two together.
package struct AddressMismatch: Equatable, Sendable {
    package enum Speaker: Hashable, Sendable { case node, server }

    package var node: NodeIdentifier
    package var speaker: Speaker
    package var address: IPv4Address
    package var homeAddress: IPv4Address
    /// How often it has happened on the link since it was told last, and was not told.
    package var untold: Int

    package init(
        node: NodeIdentifier,
        speaker: Speaker,
        address: IPv4Address,
        homeAddress: IPv4Address,
        untold: Int
    ) {
        self.node = node
        self.speaker = speaker
        self.address = address
        self.homeAddress = homeAddress
        self.untold = untold
    }
}
