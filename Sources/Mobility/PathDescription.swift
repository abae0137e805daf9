// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One tunnel of a session.
package struct PathDescription: Equatable, Sendable {
    package var identifier: PathIdentifier
    /// The own end: the proxy care-of address at a gateway, the LMA address at an anchor.
    package var localAddress: IPAddress
    package var remoteAddress: IPAddress
    package var encapsulation: TunnelEncapsulation
    /// RFC 8278 §4.1; 0: none.
    package var interfaceLabel: UInt8
    package var accessTechnology: AccessTechnology

    package init(
        identifier: PathIdentifier,
        localAddress: IPAddress,
        remoteAddress: IPAddress,
        encapsulation: TunnelEncapsulation,
        interfaceLabel: UInt8,
        accessTechnology: AccessTechnology
    ) {
        self.identifier = identifier
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.encapsulation = encapsulation
        self.interfaceLabel = interfaceLabel
        self.accessTechnology = accessTechnology
    }
}
