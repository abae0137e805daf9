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

    package init(_ journal: Journal?, netlink: NetlinkSocket) {
        self.journal = journal
        self.netlink = netlink
    }

    /// Usable at once: duplicates are not looked for.
    package func add(
        _ address: IPAddress,
        prefixLength: Int,
        on interface: InterfaceIndex
    ) throws(SystemError) {
        if let journal, let link = try netlink.links().first(where: { $0.index == interface }) {
            numbers[Place(address: address, interface: interface)] = try journal.note(
                .address("\(address)", prefixLength: prefixLength, link: link.name)
            )
        }
        try netlink.addAddress(address, prefixLength: prefixLength, on: interface, detectsDuplicates: false)
    }

    package func remove(
        _ address: IPAddress,
        prefixLength: Int,
        on interface: InterfaceIndex
    ) throws(SystemError) {
        do throws(SystemError) {
            try netlink.removeAddress(address, prefixLength: prefixLength, on: interface)
        } catch  where [EADDRNOTAVAIL, ENODEV].contains(error.errno) {
            // Gone with its link, or somebody was quicker.
        }
        if let number = numbers.removeValue(forKey: Place(address: address, interface: interface)) {
            try journal?.strike(number)
        }
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
        for (number, entry) in journal.leftovers {
            guard case .address(let text, let length, let name) = entry, let address = IPAddress(text) else { continue }
            if let link = try netlink.link(named: name),
                let present = try netlink.addresses(on: link.index).first(where: { $0.address == address }),
                // Before Linux 5.18 nobody's addresses say whose they are.
                present.owner == .plait || present.owner == RouteOwner(0)
            {
                try netlink.removeAddress(address, prefixLength: length, on: link.index)
                logger.info("the address \(address) on \(name), left by a gateway that was killed, is removed")
            }
            try journal.strike(number)
        }
    }
}
