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
    /// At a gateway: the WAN, by its configured name, whose sockets carry the path. Two WANs may have the same address.
    package var wan: String?
    /// How often a datagram has to leave for an address translator on the way to remember the path; nil: never.
    package var keepalive: Duration?
    /// Of the access line, as the gateway says.
    package var metrics: LinkMetrics

    package init(
        identifier: PathIdentifier,
        localAddress: IPAddress,
        remoteAddress: IPAddress,
        encapsulation: TunnelEncapsulation,
        interfaceLabel: UInt8,
        accessTechnology: AccessTechnology,
        wan: String? = nil,
        keepalive: Duration? = nil,
        metrics: LinkMetrics = LinkMetrics()
    ) {
        self.identifier = identifier
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.encapsulation = encapsulation
        self.interfaceLabel = interfaceLabel
        self.accessTechnology = accessTechnology
        self.wan = wan
        self.keepalive = keepalive
        self.metrics = metrics
    }
}
