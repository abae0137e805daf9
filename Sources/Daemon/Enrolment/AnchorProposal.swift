// SPDX-License-Identifier: Apache-2.0
import LinuxIO
package import Wire

/// An anchor's configuration, made of what the machine tells and of what its operator wants.
package struct AnchorProposal: Sendable {
    /// Why there is none.
    package enum Problem: Error, Equatable, Sendable {
        case noAddress
        /// Two of the gateways' names are the same.
        case sameName(String)
        /// This is not one of the family, or not one that gateways could reach.
        case unusableAddress(String)
    }

    package struct Wishes: Sendable {
        package var name: String?
        package var ipv6: String?
        package var ipv4: String?
        /// Each gets a key and an enrolment.
        package var gateways: [String]

        package init(
            name: String? = nil,
            ipv6: String? = nil,
            ipv4: String? = nil,
            gateways: [String] = ["gateway1"]
        ) {
            self.name = name
            self.ipv6 = ipv6
            self.ipv4 = ipv4
            self.gateways = gateways
        }
    }

    package let name: String
    package let addresses: AnchorAddresses
    /// A /48 of prefixes for the sites: unique local ones (RFC 4193), since only the operator knows of others.
    package let homeNetworkPrefixes: IPPrefix
    /// A /16 that the machine has no route into.
    package let delegatedIPv4Prefixes: IPPrefix
    /// The link to the world, behind whose address the sites' private prefixes are hidden; nil if none was found: then
    /// somebody else has to route them here.
    package let upstreamInterface: String?
    package let enrolments: [Enrolment]
    /// What was chosen, and what is left to do, a line each.
    package let remarks: [String]

    package init(_ wishes: Wishes, on machine: MachineView, seed: UInt64 = .random(in: .min ... .max)) throws(Problem) {
        let host = machine.hostName.split(separator: ".").first.map { String($0) } ?? ""
        let name = wishes.name ?? (host.isEmpty || host == "localhost" ? "lma1" : host)
        let found6 = try Self.address(.ipv6, wishes.ipv6, on: machine)
        let found4 = try Self.address(.ipv4, wishes.ipv4, on: machine)
        guard let addresses = AnchorAddresses(found6, found4) else { throw .noAddress }
        var enrolments: [Enrolment] = []
        for gateway in wishes.gateways {
            let identifier = gateway.contains("@") ? gateway : "\(gateway)@\(name)"
            guard !enrolments.contains(where: { $0.identifier == identifier }) else { throw .sameName(gateway) }
            enrolments.append(
                Enrolment(
                    identifier: identifier,
                    mobileNode: "site-\(identifier)",
                    anchorAddresses: addresses,
                    // Below 256 they are reserved (RFC 4285 §6).
                    securityParameterIndex: UInt32(256 + enrolments.count),
                    key: .random()
                )
            )
        }
        self.name = name
        self.addresses = addresses
        self.enrolments = enrolments
        homeNetworkPrefixes = Self.uniqueLocalPrefix(seed)
        delegatedIPv4Prefixes = Self.freeBlock(on: machine, seed)
        upstreamInterface = (machine.uplinks(.ipv4) + machine.uplinks(.ipv6)).first?.name
        var remarks = ["The anchor \(name) is at \(addresses.summary)."]
        if case .v4(let address)? = found4, address.isPrivate {
            remarks.append(
                "\(address) is private: gateways elsewhere do not reach it. Give another with --ipv4, or none."
            )
        }
        remarks.append(
            "Sites get private prefixes out of \(homeNetworkPrefixes) and \(delegatedIPv4Prefixes), "
                + (upstreamInterface.map { "translated to this machine's address on \($0)." }
                    ?? "which nobody translates.")
                + " If your provider routes prefixes to this machine, write those."
        )
        self.remarks = remarks
    }

    package var yaml: String {
        """
        # An anchor (LMA), proposed by `plait lma init`. It contains keys: keep it to yourself.
        # Check it with `plait check`, start it with `plait lma run --config THIS-FILE`.
        lma:
          # For logs and `plait show`.
          name: \(name.quoted)
          # Addresses of this machine at which gateways reach it. A firewall must let in UDP 5436 and 5437, and over IPv6
          # the protocol 135 (mobility); for tunnels without UDP also the protocols 47 (GRE), 4 and 41 (IP in IP).
          addresses: \(addresses.yaml)
          # Where the sites' prefixes are taken from. These are private ones, for which `upstream: nat` is needed: if your
          # provider routes prefixes to this machine, put those here, with `upstream: routed`.
          pools:
            home-network-prefixes: { from: "\(homeNetworkPrefixes)", length: 64, upstream: \(upstreamMode) }
            delegated-ipv4-prefixes: { from: \(delegatedIPv4Prefixes), length: 24, upstream: \(upstreamMode) }
        \(upstreamSection)
          # Calls on the quickest path; bulk over all of them where their rates are known.
          distribution: { mode: automatic }
          # Who is served, and nobody else.
          gateways:
        \(enrolments.map(Self.entry).joined(separator: "\n"))

        """
    }

    private var upstreamMode: String { upstreamInterface == nil ? "routed" : "nat" }

    private var upstreamSection: String {
        guard let upstreamInterface else {
            return
                "  # No default route was found. Behind one, translate: upstream: { interface: NAME }, and upstream: nat above."
        }
        return """
              # The link to the world.
              upstream: { interface: \(upstreamInterface.quoted) }
            """
    }

    private static func entry(_ enrolment: Enrolment) -> String {
        """
            - identifier: \(enrolment.identifier.quoted)
              mobile-nodes: [\(enrolment.mobileNode.quoted)]
              authentication: \(enrolment.authentication)
        """
    }

    /// What is wished, or else found.
    private static func address(
        _ family: AddressFamily,
        _ wish: String?,
        on machine: MachineView
    ) throws(Problem) -> IPAddress? {
        guard let wish else { return ownAddress(family, on: machine) }
        guard let address = IPAddress(wish), AddressFamily(of: address) == family, address.isRoutableUnicast
        else { throw .unusableAddress(wish) }
        return address
    }

    /// Somebody who gives the loopback a global address means it to be this machine's for good; else the link to the world
    /// has it, or any.
    private static func ownAddress(_ family: AddressFamily, on machine: MachineView) -> IPAddress? {
        let loopback = machine.links.filter(\.isLoopback)
        for link in loopback + machine.uplinks(family) + machine.links {
            if let address = machine.globalAddresses(family, on: link).first { return address.address }
        }
        return nil
    }

    /// fd00::/8 with 40 random bits (RFC 4193 §3.2.2).
    private static func uniqueLocalPrefix(_ seed: UInt64) -> IPPrefix {
        let address = IPv6Address(high: 0xFD00_0000_0000_0000 | (seed & 0xFF_FFFF_FFFF) << 16, low: 0)
        return IPPrefix(.v6(address), length: 48) ?? IPPrefix(host: .v6(address))
    }

    /// A /16 out of 10.0.0.0/8.
    private static func freeBlock(on machine: MachineView, _ seed: UInt64) -> IPPrefix {
        let blocks = (0..<UInt64(256)).compactMap { offset in
            IPPrefix(.v4(IPv4Address(0x0A00_0000 | UInt32((seed >> 56 &+ offset) & 0xFF) << 16)), length: 16)
        }
        let known = machine.routes.map(\.prefix).filter { $0.isIPv4 && $0.length > 0 }
        return blocks.first { block in !known.contains { $0.overlaps(block) } } ?? blocks[0]
    }
}

extension AnchorProposal.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noAddress: "this machine has no address that gateways could reach; give one with --ipv6 or --ipv4"
        case .sameName(let name): "two gateways are called \(name)"
        case .unusableAddress(let text):
            "\(text) is not an address of that family at which gateways could reach an anchor"
        }
    }
}

extension IPv4Address {
    /// RFC 1918, and RFC 6598's for carriers.
    fileprivate var isPrivate: Bool {
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].contains { block in
            IPPrefix(block)?.contains(.v4(self)) == true
        }
    }
}
