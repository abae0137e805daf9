// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
package import Mobility
package import Wire

/// One of the site's links, and the gateway's addresses there: the first one of its part of each prefix.
package final class SiteLAN {
    /// What the operator has chosen for it.
    package struct Plan: Equatable, Sendable {
        package var families: Set<AddressFamily> = [.ipv4, .ipv6]
        /// Which /64 of the session's IPv6 prefix is this link's, counted from 0.
        package var subnet: UInt64 = 0
        /// The gateway's own address where the link has no delegated IPv4 prefix; its network is hidden behind the home
        /// address.
        package var privateAddress: InterfaceAddress?

        package init() {}
    }

    package let plan: Plan
    private var link: InterfaceIndex?
    private let addresses: LentAddresses
    private let logger: Logger
    /// What the link was given, and loses again.
    package private(set) var held: [IPPrefix: IPAddress] = [:]
    /// What hosts take their IPv6 addresses from.
    package private(set) var advertisedPrefix: IPPrefix?
    /// The session's prefix, where it has no /64 of this link's number.
    package private(set) var tooSmall: IPPrefix?

    init(_ plan: Plan, on link: InterfaceIndex?, _ addresses: LentAddresses, logger: Logger) {
        self.plan = plan
        self.link = link
        self.addresses = addresses
        self.logger = logger
    }

    /// What hosts are given IPv4 addresses from, and the gateway's own address there.
    package var assignedNetwork: DHCPServer.Network? {
        let networks = held.compactMap { prefix, address in
            if case .v4(let own) = address { DHCPServer.Network(prefix, server: own) } else { nil }
        }
        return networks.min { $0.server < $1.server }
    }

    /// Gives the link ::1 in its /64, the first host of each IPv4 prefix or, without any, the private address.
    func settle(ipv6: IPPrefix?, ipv4: [IPPrefix]) {
        let hasIPv6 = plan.families.contains(.ipv6)
        advertisedPrefix = hasIPv6 ? ipv6?.subprefix(length: 64, at: plan.subnet) : nil
        tooSmall = hasIPv6 && advertisedPrefix == nil ? ipv6 : nil
        var wanted: [IPPrefix: IPAddress] = [:]
        for prefix in ipv4 + [advertisedPrefix].compactMap(\.self) { wanted[prefix] = prefix.address(at: 1) }
        if let privateAddress = plan.privateAddress, ipv4.isEmpty {
            wanted[privateAddress.network] = .v4(privateAddress.address)
        }
        hold(wanted)
    }

    /// It is another link now, or gone, or lost what it had.
    func linkChanged(_ link: InterfaceIndex?) {
        logger.attempt { () throws(SystemError) in try self.addresses.forgetAll() }
        self.link = link
        held = [:]
    }

    func hold(_ wanted: [IPPrefix: IPAddress]) {
        guard let link else { return }
        // First the new ones: a link without any IPv4 address loses its routes.
        for (prefix, address) in wanted where held[prefix] == nil {
            let isAdded = logger.attempt { () throws(SystemError) in
                try self.addresses.add(address, prefixLength: Int(prefix.length), on: link)
            }
            if isAdded { held[prefix] = address }
        }
        for (prefix, address) in held where wanted[prefix] == nil {
            logger.attempt { () throws(SystemError) in
                try self.addresses.remove(address, prefixLength: Int(prefix.length), on: link)
            }
            held[prefix] = nil
        }
    }
}

extension SiteLAN.Plan {
    init(_ configuration: LANConfiguration) {
        families = configuration.families
        subnet = configuration.subnet
        privateAddress = configuration.ipv4
    }
}
