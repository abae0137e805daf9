// SPDX-License-Identifier: Apache-2.0
import Glibc
package import LinuxIO
import Wire

/// What a machine's network tells about itself, so that nobody has to be asked.
package struct MachineView: Sendable {
    package var hostName: String
    package var links: [LinkState]
    package var addresses: [AddressState]
    package var routes: [Route]

    package init(hostName: String, links: [LinkState], addresses: [AddressState], routes: [Route]) {
        self.hostName = hostName
        self.links = links
        self.addresses = addresses
        self.routes = routes
    }

    /// Of the calling thread's network.
    package init() throws(SystemError) {
        let netlink = try NetlinkSocket()
        let capacity = 256
        var name = [CChar](repeating: 0, count: capacity)
        // A name that is cut off has no end mark of its own.
        let isNamed = gethostname(&name, capacity - 1) == 0
        let text = name.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.init(
            hostName: isNamed ? text : "",
            links: try netlink.links(),
            addresses: try netlink.addresses(),
            routes: try netlink.routes()
        )
    }

    /// Links with a default route of a family, in any table, the preferred first; plait's own left out.
    func uplinks(_ family: AddressFamily) -> [LinkState] {
        let defaults = routes.filter {
            $0.prefix.length == 0 && $0.kind == .unicast && $0.owner != .plait
                && $0.prefix.isIPv4 == (family == .ipv4)
        }.sorted { ($0.table == .main ? 0 : 1, $0.metric ?? 0) < ($1.table == .main ? 0 : 1, $1.metric ?? 0) }
        var found: [LinkState] = []
        for index in defaults.flatMap({ [$0.interface].compactMap(\.self) + $0.hops.map(\.interface) }) {
            guard let link = links.first(where: { $0.index == index }), !found.contains(link) else { continue }
            found.append(link)
        }
        return found
    }

    /// Addresses that others can reach, the best first: those that last before others.
    func globalAddresses(_ family: AddressFamily, on link: LinkState) -> [AddressState] {
        addresses.filter {
            $0.interface == link.index && AddressFamily(of: $0.address) == family && $0.scope == .global
                && $0.address.isRoutableUnicast && !$0.isDuplicate && !$0.isDeprecated && $0.owner != .plait
        }.sorted { ($0.isTemporary ? 1 : 0) < ($1.isTemporary ? 1 : 0) }
    }
}
