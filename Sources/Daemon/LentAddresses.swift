// SPDX-License-Identifier: Apache-2.0
import Glibc
package import LinuxIO
package import Logging
package import Wire

/// Addresses that a daemon gives to links of the machine's. Each is in the journal before it is given, and carries our
/// number where the kernel keeps it.
package final class LentAddresses {
    private struct Place: Hashable {
        var address: IPAddress
        var interface: InterfaceIndex
    }

    /// nil: what is given is remembered nowhere.
    private let journal: Journal?
    private let netlink: NetlinkSocket
    private var numbers: [Place: Journal.Number] = [:]
    /// What we gave, and what may still be there after the link was away.
    private var lent: Set<Place> = []

    package init(_ journal: Journal?, netlink: NetlinkSocket) {
        self.journal = journal
        self.netlink = netlink
    }

    /// Usable at once: duplicates are not looked for. An address that the link has from somebody else stays theirs.
    package func add(
        _ address: IPAddress,
        prefixLength: Int,
        on interface: InterfaceIndex
    ) throws(SystemError) {
        let place = Place(address: address, interface: interface)
        if try isSomebodyElses(place) {
            lent.remove(place)
            return
        }
        if let journal, let link = try netlink.links().first(where: { $0.index == interface }) {
            numbers[place] = try journal.note(
                .address("\(address)", prefixLength: prefixLength, link: link.name)
            )
        }
        lent.insert(place)
        try netlink.addAddress(address, prefixLength: prefixLength, on: interface, detectsDuplicates: false)
    }

    package func remove(
        _ address: IPAddress,
        prefixLength: Int,
        on interface: InterfaceIndex
    ) throws(SystemError) {
        let place = Place(address: address, interface: interface)
        guard lent.remove(place) != nil else { return }
        do throws(SystemError) {
            try netlink.removeAddress(address, prefixLength: prefixLength, on: interface)
        } catch  where [EADDRNOTAVAIL, ENODEV].contains(error.errno) {
            // Gone with its link, or somebody was quicker.
        }
        if let number = numbers.removeValue(forKey: place) {
            try journal?.strike(number)
        }
    }

    private func isSomebodyElses(_ place: Place) throws(SystemError) -> Bool {
        let all = try netlink.addresses()
        let present = all.filter { $0.interface == place.interface && $0.address == place.address }
        if lent.contains(place), !Self.haveOwners(all) { return false }
        return present.contains { $0.owner != .plait }
    }

    /// Since Linux 5.18 the kernel keeps whose an address is, and says so at least of its own.
    private static func haveOwners(_ addresses: [AddressState]) -> Bool {
        addresses.contains { $0.owner != RouteOwner(0) }
    }

    /// The links are gone, and what they had with them.
    package func forgetAll() throws(SystemError) {
        for number in numbers.values { try journal?.strike(number) }
        numbers = [:]
    }

    /// Takes away what a daemon gave that was killed. An address that somebody else has added anew since is theirs.
    package static func removeLeftovers(
        of journal: Journal,
        _ netlink: NetlinkSocket,
        logger: Logger
    ) throws(SystemError) {
        let all = try netlink.addresses()
        for (number, entry) in journal.leftovers {
            guard case .address(let text, let length, let name) = entry, let address = IPAddress(text) else { continue }
            if let link = try netlink.link(named: name),
                let present = all.first(where: {
                    $0.interface == link.index && $0.address == address && $0.prefixLength == length
                }),
                present.owner == .plait || !haveOwners(all)
            {
                try netlink.removeAddress(address, prefixLength: length, on: link.index)
                logger.info("the address \(address) on \(name), left by a gateway that was killed, is removed")
            }
            try journal.strike(number)
        }
    }
}
