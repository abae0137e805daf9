// SPDX-License-Identifier: Apache-2.0

/// One access network's tunnel between a gateway and an anchor.
package struct Path: Codable, Sendable, Equatable {
    /// The mobile node identifier.
    package var mobileNode: String
    /// RFC 5648; absent without multipath.
    package var bindingIdentifier: Int?
    /// The interface label (RFC 8278 §4.1).
    package var label: Int?
    /// The access technology's name, such as `e-utran` (RFC 5213 §8.5).
    package var accessTechnology: String?
    /// The operating system's interface; at a gateway only.
    package var link: String?
    /// The tunnel's end at this daemon.
    package var localAddress: String
    /// The tunnel's end at the peer.
    package var remoteAddress: String
    /// UDP's, where the tunnel runs over UDP: an address translator on the way may have chosen it.
    package var remotePort: Int?
    /// `gre-ipv6`, `udp-tlv-gre-ipv4`, …
    package var encapsulation: String
    /// How far the path's registration is, in words: `registered`, `registering`, `refused`, …
    package var registration: String
    /// What probes and reports say: `up`, `quarantined` (does more harm than good for now), `silent`, `down` or `unproven`.
    package var condition: String
    /// Octets of the largest outer packet that is sent over the path: what its link carries, or what probes or routers
    /// say; absent where there is no tunnel.
    package var mtu: Int?
    /// The round-trip time through the tunnel in milliseconds; absent until measured.
    package var roundTripMilliseconds: Double?
    /// The rate in the direction in which this daemon sends, in bits per second: learnt from the peer's reports, configured
    /// here, or else what is known of the line.
    package var rateBitsPerSecond: Int?
    /// From reports, in that direction: how much longer packets take than when nothing waits on the line, and the share of
    /// them that was lost of late; absent where the peer does not report.
    package var queueMilliseconds: Double?
    package var lossPercent: Double?
    /// What the line carries to the gateway, and from it, in bits per second, as far as anybody knows.
    package var downlinkBitsPerSecond: Int?
    package var uplinkBitsPerSecond: Int?
    /// The lower, the cheaper; absent where nobody says.
    package var costClass: Int?
    /// What may still pass a metered line; absent for others.
    package var quotaLeftOctets: Int?
    /// User packets sent into the tunnel.
    package var sent: Traffic
    /// User packets received from the tunnel.
    package var received: Traffic
    /// Seconds until the path's registration expires; absent if it is not registered.
    package var remainingSeconds: Int?

    package init(
        mobileNode: String,
        bindingIdentifier: Int? = nil,
        label: Int? = nil,
        accessTechnology: String? = nil,
        link: String? = nil,
        localAddress: String,
        remoteAddress: String,
        remotePort: Int? = nil,
        encapsulation: String,
        registration: String,
        condition: String,
        mtu: Int? = nil,
        roundTripMilliseconds: Double? = nil,
        rateBitsPerSecond: Int? = nil,
        queueMilliseconds: Double? = nil,
        lossPercent: Double? = nil,
        downlinkBitsPerSecond: Int? = nil,
        uplinkBitsPerSecond: Int? = nil,
        costClass: Int? = nil,
        quotaLeftOctets: Int? = nil,
        sent: Traffic,
        received: Traffic,
        remainingSeconds: Int? = nil
    ) {
        self.mobileNode = mobileNode
        self.bindingIdentifier = bindingIdentifier
        self.label = label
        self.accessTechnology = accessTechnology
        self.link = link
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.remotePort = remotePort
        self.encapsulation = encapsulation
        self.registration = registration
        self.condition = condition
        self.mtu = mtu
        self.roundTripMilliseconds = roundTripMilliseconds
        self.rateBitsPerSecond = rateBitsPerSecond
        self.queueMilliseconds = queueMilliseconds
        self.lossPercent = lossPercent
        self.downlinkBitsPerSecond = downlinkBitsPerSecond
        self.uplinkBitsPerSecond = uplinkBitsPerSecond
        self.costClass = costClass
        self.quotaLeftOctets = quotaLeftOctets
        self.sent = sent
        self.received = received
        self.remainingSeconds = remainingSeconds
    }
}
