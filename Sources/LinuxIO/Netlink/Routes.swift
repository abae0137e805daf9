// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// Routes: RTM_GETROUTE, RTM_NEWROUTE and RTM_DELROUTE.
extension NetlinkSocket {
    /// Of both families; of all tables if none is given.
    package func routes(in table: RoutingTable? = nil) throws(SystemError) -> [Route] {
        var all: [Route] = []
        for family in [AddressFamily.ipv4, .ipv6] {
            var body = NetlinkWriter()
            body.uint8(UInt8(truncatingIfNeeded: family.number))
            body.zeros(11)
            all += try dump(Int(RTM_GETROUTE), body, "routes").compactMap { Route($0.body) }
        }
        return table.map { table in all.filter { $0.table == table } } ?? all
    }

    /// Adds a route, or replaces the one with the same prefix, table and metric.
    package func addRoute(_ route: Route) throws(SystemError) {
        try request(Int(RTM_NEWROUTE), Int(NLM_F_CREATE | NLM_F_REPLACE), route.body, "route \(route)")
    }

    /// Throws `ESRCH` if there is no such route.
    package func removeRoute(_ route: Route) throws(SystemError) {
        try request(Int(RTM_DELROUTE), 0, route.body, "removal of route \(route)")
    }

    /// Removes all routes that carry the owner's number, in all tables; how many there were.
    @discardableResult
    package func removeRoutes(of owner: RouteOwner) throws(SystemError) -> Int {
        let mine = try routes().filter { $0.owner == owner }
        for route in mine {
            do {
                try removeRoute(route)
            } catch  where error.errno == ESRCH {
                // Gone with its link meanwhile.
            }
        }
        return mine.count
    }
}
