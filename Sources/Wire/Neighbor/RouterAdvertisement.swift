// SPDX-License-Identifier: Apache-2.0

/// Router Advertisement (RFC 4861 §4.2), from the ICMPv6 type on.
///
/// ```
/// |  Type = 134   |   Code = 0    |           Checksum            |
/// | Cur Hop Limit |M|O|  Reserved |     Router Lifetime (s)       |
/// |                     Reachable Time (ms)                       |
/// |                      Retrans Timer (ms)                       |
/// |   Options ...
/// ```
package struct RouterAdvertisement: Equatable, Sendable {
    package static let type: UInt8 = 134

    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// M: addresses by DHCPv6.
        package static let managed = Flags(rawValue: 0x80)
        /// O: other configuration by DHCPv6.
        package static let otherConfiguration = Flags(rawValue: 0x40)
    }

    /// What hosts put into their packets; 0: not said here.
    package var currentHopLimit: UInt8
    package var flags: Flags
    /// Seconds; 0: not a default router.
    package var routerLifetime: UInt16
    /// Milliseconds; 0: not said here.
    package var reachableTime: UInt32
    /// Milliseconds; 0: not said here.
    package var retransmissionTimer: UInt32
    package var options: [NeighborOption]

    package init(
        currentHopLimit: UInt8 = 64,
        flags: Flags = [],
        routerLifetime: UInt16,
        reachableTime: UInt32 = 0,
        retransmissionTimer: UInt32 = 0,
        options: [NeighborOption]
    ) {
        self.currentHopLimit = currentHopLimit
        self.flags = flags
        self.routerLifetime = routerLifetime
        self.reachableTime = reachableTime
        self.retransmissionTimer = retransmissionTimer
        self.options = options
    }

    /// The checksum is not looked at: kernels verify it before they hand an ICMPv6 message over.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        try reader.expectICMPv6(type: Self.type)
        currentHopLimit = try reader.octet("Cur Hop Limit")
        flags = Flags(rawValue: try reader.octet("flags"))
        routerLifetime = try reader.uint16("Router Lifetime")
        reachableTime = try reader.uint32("Reachable Time")
        retransmissionTimer = try reader.uint32("Retrans Timer")
        options = try NeighborOption.all(decoding: &reader)
    }

    /// The octets with a checksum of zero, which kernels fill in for ICMPv6 sockets (RFC 3542 §3.1).
    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(Self.type)
        writer.zeros(3)
        writer.octet(currentHopLimit)
        writer.octet(flags.rawValue)
        writer.uint16(routerLifetime)
        writer.uint32(reachableTime)
        writer.uint32(retransmissionTimer)
        for option in options { option.encode(into: &writer) }
        return writer.octets
    }

    /// The octets with their checksum, for a packet of our own making.
    package func octets(from source: IPv6Address, to destination: IPv6Address) -> [UInt8] {
        ICMPv6.withChecksum(octets, from: source, to: destination)
    }
}
