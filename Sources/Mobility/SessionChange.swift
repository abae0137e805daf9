// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an engine wants forwarded. The data plane translates it to its own commands.
package enum SessionChange: Equatable, Sendable {
    /// A new session, or new values of one that exists; its paths stay.
    case install(SessionDescription)
    /// A new path, or new values of one that exists.
    case installPath(PathDescription)
    case removePath(PathIdentifier)
    /// The session with all its paths.
    case remove(SessionIdentifier)
}

/// One mobile node's traffic, whatever the path.
package struct SessionDescription: Equatable, Sendable {
    package var identifier: SessionIdentifier
    /// Home network prefixes and delegated prefixes of both families: what the node's packets may come from
    /// (RFC 5213 §5.6.2, §6.10.5, RFC 7148 §5.2.3).
    package var prefixes: [IPPrefix]
    /// Key in packets from anchor to gateway: chosen by the gateway, the same on all paths (one sequence space).
    package var downlinkKey: UInt32?
    /// Key in packets from gateway to anchor: chosen by the anchor.
    package var uplinkKey: UInt32?
    /// Tags path probes; nil if the peer did not announce that it knows them.
    package var probeKey: SipKey?

    package init(
        identifier: SessionIdentifier,
        prefixes: [IPPrefix],
        downlinkKey: UInt32?,
        uplinkKey: UInt32?,
        probeKey: SipKey?
    ) {
        self.identifier = identifier
        self.prefixes = prefixes
        self.downlinkKey = downlinkKey
        self.uplinkKey = uplinkKey
        self.probeKey = probeKey
    }
}

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

/// What stands between the outer IP header and the user's packet.
package enum TunnelEncapsulation: String, Hashable, Sendable {
    /// GRE with key directly behind IPv6 or IPv4 (RFC 5845).
    case gre
    /// UDP 5437, TLV header, GRE with key (RFC 5845 §7.2), over IPv4.
    case udpTLVGRE
}
