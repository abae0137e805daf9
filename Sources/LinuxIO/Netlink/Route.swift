// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// A route of the kernel's.
package struct Route: Hashable, Sendable {
    /// What becomes of a packet that the route covers.
    package enum Kind: UInt8, Sendable {
        case unicast = 1
        case local = 2
        case broadcast = 3
        case anycast = 4
        case multicast = 5
        /// Dropped silently.
        case blackhole = 6
        /// Dropped with an ICMP error.
        case unreachable = 7
        case prohibit = 8
        case `throw` = 9
    }

    package var prefix: IPPrefix
    package var kind: Kind
    package var interface: InterfaceIndex?
    package var gateway: IPAddress?
    /// The gateway is on the link, whatever other routes say of it. Meant for IPv4 only.
    package var isOnLink = false
    /// The source address for packets that have none yet.
    package var preferredSource: IPAddress?
    package var table: RoutingTable
    /// The smaller wins; nil leaves it to the kernel.
    package var metric: UInt32?
    package var owner: RouteOwner
    /// What the route chooses from if it leads over several links: then neither `interface` nor `gateway` is set.
    package private(set) var hops: [Hop] = []

    /// One of several ways.
    package struct Hop: Hashable, Sendable {
        package let interface: InterfaceIndex
        package let gateway: IPAddress?
    }

    package init(
        to prefix: IPPrefix,
        kind: Kind = .unicast,
        by interface: InterfaceIndex? = nil,
        gateway: IPAddress? = nil,
        preferredSource: IPAddress? = nil,
        table: RoutingTable = .main,
        metric: UInt32? = nil,
        owner: RouteOwner = .plait
    ) {
        self.prefix = prefix
        self.kind = kind
        self.interface = interface
        self.gateway = gateway
        self.preferredSource = preferredSource
        self.table = table
        self.metric = metric
        self.owner = owner
    }

    /// From a `RTM_NEWROUTE` or `RTM_DELROUTE` message's body; nil if it is none of the two families' unicast
    /// kinds.
    package init?(_ body: ArraySlice<UInt8>) {
        let reader = NetlinkReader(body)
        // struct rtmsg: family, destination length, source length, tos, table, protocol, scope, type, flags at 8.
        guard let family = reader.uint8(at: 0), let length = reader.uint8(at: 1), let table = reader.uint8(at: 4),
            let owner = reader.uint8(at: 5), let kind = reader.uint8(at: 7).flatMap(Kind.init(rawValue:)),
            let rest = reader.slice(12, reader.count)
        else { return nil }
        let attributes = NetlinkAttributes(rest)
        let unspecified: IPAddress
        switch Int32(family) {
        case AF_INET: unspecified = .v4(.zero)
        case AF_INET6: unspecified = .v6(.zero)
        default: return nil
        }
        let destination = attributes.address(Int(RTA_DST.rawValue)) ?? unspecified
        guard let prefix = IPPrefix(destination, length: Int(length)) else { return nil }
        self.init(
            to: prefix,
            kind: kind,
            by: attributes.uint32(Int(RTA_OIF.rawValue)).map { InterfaceIndex($0) },
            gateway: attributes.address(Int(RTA_GATEWAY.rawValue)),
            preferredSource: attributes.address(Int(RTA_PREFSRC.rawValue)),
            table: RoutingTable(attributes.uint32(Int(RTA_TABLE.rawValue)) ?? UInt32(table)),
            metric: attributes.uint32(Int(RTA_PRIORITY.rawValue)),
            owner: RouteOwner(owner)
        )
        isOnLink = (reader.uint32(at: 8) ?? 0) & Self.onLink != 0
        hops = attributes[Int(RTA_MULTIPATH.rawValue)].map { Self.hops($0) } ?? []
    }

    /// What the kernel wants told for making or removing it.
    var body: NetlinkWriter {
        var body = NetlinkWriter()
        body.uint8(UInt8(truncatingIfNeeded: AddressFamily(of: prefix.address).number))
        body.uint8(prefix.length)
        body.zeros(2)
        body.uint8(UInt8(exactly: table.value) ?? UInt8(RT_TABLE_UNSPEC.rawValue))
        body.uint8(owner.value)
        body.uint8(scope)
        body.uint8(kind.rawValue)
        body.uint32(isOnLink ? Self.onLink : 0)
        if prefix.length > 0 { body.attribute(Int(RTA_DST.rawValue), prefix.address) }
        body.attribute(Int(RTA_TABLE.rawValue), table.value)
        if let interface { body.attribute(Int(RTA_OIF.rawValue), interface.value) }
        if let gateway { body.attribute(Int(RTA_GATEWAY.rawValue), gateway) }
        if let preferredSource { body.attribute(Int(RTA_PREFSRC.rawValue), preferredSource) }
        if let metric { body.attribute(Int(RTA_PRIORITY.rawValue), metric) }
        return body
    }

    /// RTNH_F_ONLINK
    private static let onLink: UInt32 = 4

    /// struct rtnexthop with its attributes, one behind the other. A malformed one ends the reading.
    private static func hops(_ octets: ArraySlice<UInt8>) -> [Hop] {
        let reader = NetlinkReader(octets)
        var hops: [Hop] = []
        var offset = 0
        while let length = reader.uint16(at: offset), let index = reader.uint32(at: offset + 4), length >= 8,
            let attributes = reader.slice(offset + 8, offset + Int(length))
        {
            let gateway = NetlinkAttributes(attributes).address(Int(RTA_GATEWAY.rawValue))
            hops.append(Hop(interface: InterfaceIndex(index), gateway: gateway))
            offset += (Int(length) + 3) & ~3
        }
        return hops
    }

    /// With the kernel's choice where none is given (`IP6_RT_PRIO_USER` for IPv6).
    var effectiveMetric: UInt32 { metric ?? (prefix.isIPv4 ? 0 : 1024) }

    /// IPv4 wants to be told that a destination without gateway is on the link.
    private var scope: UInt8 {
        guard prefix.isIPv4, kind == .unicast, gateway == nil else { return AddressState.Scope.global.rawValue }
        return AddressState.Scope.link.rawValue
    }
}

extension Route: CustomStringConvertible {
    package var description: String {
        var text = "\(kind == .unicast ? "" : "\(kind) ")\(prefix)"
        if let gateway { text += " via \(gateway)" }
        if let interface { text += " by link \(interface)" }
        return text + " in table \(table)"
    }
}
