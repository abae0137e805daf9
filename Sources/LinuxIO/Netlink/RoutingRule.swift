// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Which table is asked for which packets.
package struct RoutingRule: Hashable, Sendable {
    package var family: AddressFamily
    /// The smaller is asked first.
    package var priority: UInt32
    /// Packets from here; nil means all.
    package var source: IPPrefix?
    /// Packets that came by this link; nil means all. `lo` means the machine's own.
    package var incomingInterface: String?
    /// Packets that bear it; nil means all.
    package var mark: PacketMark?
    package var table: RoutingTable
    /// Routes with this prefix length or a shorter one do not count: zero passes over default routes.
    package var suppressedPrefixLength: UInt32?
    package var owner: RouteOwner

    package init(
        family: AddressFamily,
        priority: UInt32,
        from source: IPPrefix? = nil,
        incomingInterface: String? = nil,
        mark: PacketMark? = nil,
        table: RoutingTable,
        suppressedPrefixLength: UInt32? = nil,
        owner: RouteOwner = .plait
    ) {
        self.family = family
        self.priority = priority
        self.source = source
        self.incomingInterface = incomingInterface
        self.mark = mark
        self.table = table
        self.suppressedPrefixLength = suppressedPrefixLength
        self.owner = owner
    }

    /// From a `RTM_NEWRULE` message's body; nil if it is none that leads to a table.
    package init?(_ body: ArraySlice<UInt8>) {
        let reader = NetlinkReader(body)
        // struct fib_rule_hdr: family, destination length, source length, tos, table, two reserved, action,
        // flags at 8.
        guard let family = reader.uint8(at: 0), let sourceLength = reader.uint8(at: 2),
            let table = reader.uint8(at: 4), reader.uint8(at: 7) == RoutingRule.toTable,
            let rest = reader.slice(12, reader.count)
        else { return nil }
        switch Int32(family) {
        case AF_INET: self.family = .ipv4
        case AF_INET6: self.family = .ipv6
        default: return nil
        }
        let attributes = NetlinkAttributes(rest)
        priority = attributes.uint32(Int(FRA_PRIORITY)) ?? 0
        source = attributes.address(Int(FRA_SRC)).flatMap { IPPrefix($0, length: Int(sourceLength)) }
        incomingInterface = attributes.text(Int(FRA_IIFNAME))
        mark = attributes.uint32(Int(FRA_FWMARK)).map {
            PacketMark($0, mask: attributes.uint32(Int(FRA_FWMASK)) ?? .max)
        }
        self.table = RoutingTable(attributes.uint32(Int(FRA_TABLE)) ?? UInt32(table))
        // The kernel reports "none" as all ones.
        let suppressed = attributes.uint32(Int(FRA_SUPPRESS_PREFIXLEN))
        suppressedPrefixLength = suppressed == .max ? nil : suppressed
        owner = RouteOwner(attributes[Int(FRA_PROTOCOL)]?.first ?? 0)
    }

    /// What the kernel wants told for making or removing it.
    var body: NetlinkWriter {
        var body = NetlinkWriter()
        body.uint8(UInt8(truncatingIfNeeded: family.number))
        body.uint8(0)
        body.uint8(source?.length ?? 0)
        body.uint8(0)
        body.uint8(UInt8(exactly: table.value) ?? UInt8(RT_TABLE_UNSPEC.rawValue))
        body.zeros(2)
        body.uint8(RoutingRule.toTable)
        body.uint32(0)
        if let source, source.length > 0 { body.attribute(Int(FRA_SRC), source.address) }
        if let incomingInterface { body.attribute(Int(FRA_IIFNAME), incomingInterface) }
        if let mark {
            body.attribute(Int(FRA_FWMARK), mark.value)
            body.attribute(Int(FRA_FWMASK), mark.mask)
        }
        body.attribute(Int(FRA_TABLE), table.value)
        body.attribute(Int(FRA_PRIORITY), priority)
        if let suppressedPrefixLength {
            body.attribute(Int(FRA_SUPPRESS_PREFIXLEN), suppressedPrefixLength)
        }
        body.attribute(Int(FRA_PROTOCOL), [owner.value])
        return body
    }

    /// FR_ACT_TO_TBL
    private static let toTable: UInt8 = 1
}

extension RoutingRule: CustomStringConvertible {
    package var description: String {
        "\(priority): from \(source.map { "\($0)" } ?? "all")\(mark.map { " marked \($0)" } ?? "") look in table \(table)"
    }
}
