// SPDX-License-Identifier: Apache-2.0
import Glibc
package import LinuxIO
package import Logging
package import Wire

/// An access link as the gateway changes it while it runs: its link-layer address, that every gateway has (RFC 6543 §3),
/// the gateway's link-local addresses, and neighbours that the kernel need not look for. All of it is in the journal.
package final class BorrowedLink {
    /// As it is now.
    package let linkLayerAddress: LinkLayerAddress
    private let link: LinkState
    private let journal: Journal?
    private let netlink: NetlinkSocket
    private let addresses: LentAddresses
    private var changed: Journal.Number?
    private var neighbors: [IPAddress: Journal.Number?] = [:]
    private var linkLocalAddresses: [IPv6Address: Int] = [:]

    /// Throws `EMEDIUMTYPE` if the link knows no link-layer addresses.
    package init(
        _ link: LinkState,
        hasFixedAddress: Bool,
        _ journal: Journal?,
        netlink: NetlinkSocket
    ) throws(SystemError) {
        guard let own = link.linkLayerAddress else {
            throw SystemError(call: "access link", errno: EMEDIUMTYPE, subject: "link \(link.name)")
        }
        self.link = link
        self.journal = journal
        self.netlink = netlink
        addresses = LentAddresses(journal, netlink: netlink)
        linkLayerAddress = hasFixedAddress ? .proxyMobileIPv6 : own
        guard linkLayerAddress != own else { return }
        changed = try journal?.note(
            .linkLayerAddress(linkLayerAddress.octets, previous: own.octets, link: link.name)
        )
        try Self.set(linkLayerAddress, on: link, netlink)
    }

    /// The gateway's own towards a node. The kernel answers for it.
    package func hold(_ address: IPv6Address) throws(SystemError) {
        linkLocalAddresses[address, default: 0] += 1
        guard linkLocalAddresses[address] == 1 else { return }
        try addresses.add(.v6(address), prefixLength: 64, on: link.index)
    }

    package func release(_ address: IPv6Address) throws(SystemError) {
        guard let count = linkLocalAddresses[address] else { return }
        linkLocalAddresses[address] = count > 1 ? count - 1 : nil
        if count == 1 { try addresses.remove(.v6(address), prefixLength: 64, on: link.index) }
    }

    /// A link that is set down loses its IPv6 addresses.
    package func restore() throws(SystemError) {
        let present = Set(try netlink.addresses(on: link.index).map(\.address))
        for address in linkLocalAddresses.keys where !present.contains(.v6(address)) {
            try netlink.addAddress(.v6(address), prefixLength: 64, on: link.index, detectsDuplicates: false)
        }
    }

    /// Nobody need be asked who has the address, nor be there yet.
    package func addNeighbor(_ address: IPAddress, at node: LinkLayerAddress) throws(SystemError) {
        if neighbors[address] == nil {
            neighbors[address] = try journal?.note(.neighbor("\(address)", link: link.name)) ?? .none
        }
        try netlink.addNeighbor(address, at: node, on: link.index)
    }

    package func removeNeighbor(_ address: IPAddress) throws(SystemError) {
        guard let number = neighbors.removeValue(forKey: address) else { return }
        try Self.removeNeighbor(address, on: link.index, netlink)
        if let number { try journal?.strike(number) }
    }

    /// Everything is as it was. The link may be gone.
    package func giveBack(logger: Logger) {
        do throws(SystemError) {
            for address in neighbors.keys { try removeNeighbor(address) }
            for address in linkLocalAddresses.keys {
                try addresses.remove(.v6(address), prefixLength: 64, on: link.index)
            }
            linkLocalAddresses = [:]
            guard let previous = link.linkLayerAddress, previous != linkLayerAddress else { return }
            try Self.putBack(previous, insteadOf: linkLayerAddress, on: link.name, netlink)
            if let changed { try journal?.strike(changed) }
        } catch {
            logger.error("\(error)")
        }
    }

    /// Puts back what a gateway left that was killed.
    package static func removeLeftovers(of journal: Journal, _ netlink: NetlinkSocket, logger: Logger)
        throws(SystemError)
    {
        for (number, entry) in journal.leftovers {
            switch entry {
            case .linkLayerAddress(let present, let previous, let name):
                guard let present = LinkLayerAddress(octets: present), let previous = LinkLayerAddress(octets: previous)
                else { continue }
                try putBack(previous, insteadOf: present, on: name, netlink)
                logger.info("\(name) has its link-layer address \(previous) again, which a killed gateway had changed")
            case .neighbor(let text, let name):
                guard let address = IPAddress(text) else { continue }
                if let link = try netlink.link(named: name) { try removeNeighbor(address, on: link.index, netlink) }
            case .setting, .address, .delegation: continue
            }
            try journal.strike(number)
        }
    }

    private static func putBack(
        _ previous: LinkLayerAddress,
        insteadOf present: LinkLayerAddress,
        on name: String,
        _ netlink: NetlinkSocket
    ) throws(SystemError) {
        // What somebody else has set since is theirs, and what is gone is gone.
        guard let link = try netlink.link(named: name), link.linkLayerAddress == present else { return }
        try set(previous, on: link, netlink)
    }

    /// Some devices take another address only while they are down.
    private static func set(
        _ address: LinkLayerAddress,
        on link: LinkState,
        _ netlink: NetlinkSocket
    ) throws(SystemError) {
        do throws(SystemError) {
            try netlink.setLinkLayerAddress(address, of: link.index)
        } catch  where error.errno == EBUSY && link.isUp {
            try netlink.setLink(link.index, up: false)
            try netlink.setLinkLayerAddress(address, of: link.index)
            try netlink.setLink(link.index, up: true)
        }
    }

    private static func removeNeighbor(
        _ address: IPAddress,
        on index: InterfaceIndex,
        _ netlink: NetlinkSocket
    ) throws(SystemError) {
        do throws(SystemError) {
            try netlink.removeNeighbor(address, on: index)
        } catch  where [ENOENT, ENODEV, ENXIO].contains(error.errno) {
            // Gone with its link, or somebody was quicker.
        }
    }
}
