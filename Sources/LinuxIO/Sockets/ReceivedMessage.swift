// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A signalling message as it came from a socket.
package struct ReceivedMessage: Equatable, Sendable {
    /// Whole: from the first octet behind the IPv6 or UDP header.
    package let octets: [UInt8]
    package let source: IPAddress
    /// The UDP source port; zero without UDP.
    package let port: UInt16
    /// The address of ours that it was sent to.
    package let destination: IPAddress
    /// The link on which it came.
    package let interface: InterfaceIndex

    package init(
        octets: [UInt8],
        source: IPAddress,
        port: UInt16,
        destination: IPAddress,
        interface: InterfaceIndex
    ) {
        self.octets = octets
        self.source = source
        self.port = port
        self.destination = destination
        self.interface = interface
    }
}
