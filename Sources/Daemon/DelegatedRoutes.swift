// SPDX-License-Identifier: Apache-2.0
import Glibc
package import LinuxIO
package import Logging
package import Mobility
import Wire

/// Routes to prefixes that routers on the LANs have. Each is in the journal before it is made, with whose it is: what a
/// killed gateway has delegated goes on being used.
package final class DelegatedRoutes {
    private struct Place {
        var link: LinkState
        var number: Journal.Number?
    }

    private let journal: Journal?
    private let netlink: NetlinkSocket
    private let logger: Logger
    private var places: [PrefixLease: Place] = [:]

    /// Without a journal what is made is remembered nowhere.
    package init(_ journal: Journal?, netlink: NetlinkSocket, logger: Logger) {
        self.journal = journal
        self.netlink = netlink
        self.logger = logger
    }

    package func add(_ lease: PrefixLease, by link: LinkState) {
        do throws(SystemError) {
            // A link that went and came back has its name still.
            var number = places[lease]?.number
            if number == nil { number = try journal?.note(Journal.Entry(lease, link: link.name)) }
            places[lease] = Place(link: link, number: number)
            try netlink.addRoute(Self.route(to: lease.prefix, via: lease.router, by: link.index))
            logger.info("\(lease.prefix) is delegated to \(lease.router) on \(link.name)")
        } catch {
            logger.error("\(error)")
        }
    }

    package func remove(_ lease: PrefixLease) {
        guard let place = places.removeValue(forKey: lease) else { return }
        do throws(SystemError) {
            try netlink.removeExisting(Self.route(to: lease.prefix, via: lease.router, by: place.link.index))
            logger.info("\(lease.prefix) is no longer delegated to \(lease.router) on \(place.link.name)")
            if let number = place.number { try journal?.strike(number) }
        } catch {
            logger.error("\(error)")
        }
    }

    /// Takes away the routes of a daemon that was killed, and returns what it had delegated on these LANs.
    package static func removeLeftovers(
        of journal: Journal,
        lans: [String],
        _ netlink: NetlinkSocket
    ) throws(SystemError) -> [PrefixLease] {
        var leases: [PrefixLease] = []
        for (number, entry) in journal.leftovers {
            guard case .delegation(let text, let router, let name, let client, let association) = entry else {
                continue
            }
            if let prefix = IPPrefix(text), let router = IPv6Address(router) {
                if let link = try netlink.link(named: name) {
                    try netlink.removeExisting(route(to: prefix, via: router, by: link.index))
                }
                if let place = lans.firstIndex(of: name), let client = DHCPUniqueIdentifier(client) {
                    let holder = PrefixLease.Holder(link: place, client: client, association: association)
                    leases.append(PrefixLease(prefix, of: holder, via: router))
                }
            }
            try journal.strike(number)
        }
        return leases
    }

    private static func route(to prefix: IPPrefix, via router: IPv6Address, by link: InterfaceIndex) -> Route {
        Route(to: prefix, by: link, gateway: .v6(router))
    }
}

extension Journal.Entry {
    fileprivate init(_ lease: PrefixLease, link: String) {
        self = .delegation(
            "\(lease.prefix)",
            router: "\(lease.router)",
            link: link,
            client: lease.holder.client.octets,
            association: lease.holder.association
        )
    }
}

extension NetlinkSocket {
    /// One that is gone already, perhaps with its link, is no error.
    fileprivate func removeExisting(_ route: Route) throws(SystemError) {
        do throws(SystemError) {
            try removeRoute(route)
        } catch  where [ESRCH, ENODEV].contains(error.errno) {
            // Somebody was quicker.
        }
    }
}
