// SPDX-License-Identifier: Apache-2.0

/// What a relay agent tells a server of the client (option 82, RFC 3046): sub-options of a code, a length and a content.
package struct RelayAgentInformation: Equatable, Sendable {
    /// Who it is [Agent Remote ID]; here the IPv4 home address that it is to have (RFC 5844 §3.4.2).
    package var remoteIdentifier: IPv4Address
    /// The subnet that the client's address is of, since that of `giaddr` is another (RFC 3527).
    package var linkSelection: IPv4Address
    /// The address by which the client knows the server, so that renewals pass the relay as well (RFC 5107); nil: the
    /// server's own.
    package var serverIdentifierOverride: IPv4Address?

    package init(
        remoteIdentifier: IPv4Address,
        linkSelection: IPv4Address,
        serverIdentifierOverride: IPv4Address? = nil
    ) {
        self.remoteIdentifier = remoteIdentifier
        self.linkSelection = linkSelection
        self.serverIdentifierOverride = serverIdentifierOverride
    }

    /// The option's content.
    package var octets: [UInt8] {
        let parts: [(UInt8, IPv4Address?)] = [
            (2, remoteIdentifier), (5, linkSelection), (11, serverIdentifierOverride),
        ]
        return parts.flatMap { code, address in address.map { [code, 4] + $0.octets } ?? [] }
    }
}
