// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Routes: RTM_GETROUTE, RTM_NEWROUTE and RTM_DELROUTE.
extension NetlinkSocket {
    /// Of both families; of all tables if none is given.
    package func routes(in table: RoutingTable? = nil) throws(SystemError) -> [Route] {
        var all: [Route] = []
        for family in [AddressFamily.ipv4, .ipv6] {
            all += try dump(Int(RTM_GETROUTE), NetlinkSocket.routeBody(family), "routes").compactMap { Route($0.body) }
        }
        return table.map { table in all.filter { $0.table == table } } ?? all
    }

    /// Of one family and all tables, those that lead over a link, perhaps among others. The kernel sorts out: a machine may
    /// have a million.
    package func routes(_ family: AddressFamily, by interface: InterfaceIndex) throws(SystemError) -> [Route] {
        var body = NetlinkSocket.routeBody(family)
        body.attribute(Int(RTA_OIF.rawValue), interface.value)
        return try dump(Int(RTM_GETROUTE), body, "routes by link \(interface)").compactMap { Route($0.body) }.filter {
            $0.interface == interface || $0.hops.contains { $0.interface == interface }
        }
    }

    /// Whether the kernel would take a packet that came by this link for this machine, or drop it for its source
    /// (`rp_filter`, RFC 3704) or because it is not for this machine.
    package func accepts(
        from source: IPAddress,
        to destination: IPAddress,
        by interface: InterfaceIndex
    ) throws(SystemError) -> Bool {
        var body = NetlinkWriter()
        body.uint8(UInt8(truncatingIfNeeded: AddressFamily(of: destination).number))
        body.uint8(UInt8(destination.octets.count * 8))
        body.uint8(UInt8(source.octets.count * 8))
        body.zeros(9)
        body.attribute(Int(RTA_DST.rawValue), destination)
        body.attribute(Int(RTA_SRC.rawValue), source)
        body.attribute(Int(RTA_IIF.rawValue), interface.value)
        do {
            try request(Int(RTM_GETROUTE), 0, body, "route from \(source) to \(destination) by link \(interface)")
            return true
        } catch  where [EXDEV, EINVAL, EHOSTUNREACH].contains(error.errno) {
            // Which of them depends on the kernel's version.
            return false
        }
    }

    /// struct rtmsg
    private static func routeBody(_ family: AddressFamily) -> NetlinkWriter {
        var body = NetlinkWriter()
        body.uint8(UInt8(truncatingIfNeeded: family.number))
        body.zeros(11)
        return body
    }

    /// Adds a route, or replaces the same owner's one with the same prefix, table and metric. Throws `EEXIST`
    /// if that one is somebody else's.
    package func addRoute(_ route: Route) throws(SystemError) {
        do {
            try request(Int(RTM_NEWROUTE), Int(NLM_F_CREATE | NLM_F_EXCL), route.body, "route \(route)")
        } catch  where error.errno == EEXIST {
            let rivals = try routes(in: route.table).filter {
                $0.prefix == route.prefix && $0.effectiveMetric == route.effectiveMetric
            }
            guard rivals.allSatisfy({ $0.owner == route.owner }) else { throw error }
            try request(Int(RTM_NEWROUTE), Int(NLM_F_CREATE | NLM_F_REPLACE), route.body, "route \(route)")
        }
    }

    /// Throws `ESRCH` if there is no such route.
    package func removeRoute(_ route: Route) throws(SystemError) {
        try request(Int(RTM_DELROUTE), 0, route.body, "removal of route \(route)")
    }
}
