// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// A gateway's configuration, made of its enrolment and of what the machine tells.
package struct GatewayProposal: Sendable {
    /// Why there is none.
    package enum Problem: Error, Equatable, Sendable {
        case noAccessNetwork
        case noLink(String)
    }

    /// Names of links; what is not said is found out.
    package struct Wishes: Sendable {
        package var wans: [String]
        package var lan: String?

        package init(wans: [String] = [], lan: String? = nil) {
            self.wans = wans
            self.lan = lan
        }
    }

    package struct WAN: Equatable, Sendable {
        package let link: LinkState
        package let family: AddressFamily
    }

    package let enrolment: Enrolment
    package let wans: [WAN]
    package let lan: LinkState?
    /// What was chosen, and what is left to do, a line each.
    package let remarks: [String]

    package init(_ enrolment: Enrolment, _ wishes: Wishes = Wishes(), on machine: MachineView) throws(Problem) {
        let anchor = enrolment.anchorAddresses
        for name in wishes.wans + [wishes.lan].compactMap(\.self) {
            guard machine.links.contains(where: { $0.name == name }) else { throw .noLink(name) }
        }
        let candidates = machine.links.filter { !$0.isLoopback && $0.name != wishes.lan }
        let chosen =
            wishes.wans.isEmpty
            ? candidates.filter { Self.isAccess($0, on: machine) }
            : wishes.wans.compactMap { name in candidates.first { $0.name == name } }
        // A binding identifier has to go into one octet.
        let wans = chosen.prefix(254).compactMap { link in
            Self.family(of: link, towards: anchor, on: machine).map { WAN(link: link, family: $0) }
        }
        guard !wans.isEmpty else { throw .noAccessNetwork }
        let lan =
            wishes.lan.flatMap { name in machine.links.first { $0.name == name } }
            ?? Self.lan(among: candidates.filter { link in !chosen.contains { $0.index == link.index } })
        self.enrolment = enrolment
        self.wans = wans
        self.lan = lan
        var remarks = wans.map { "\($0.link.name) is an access network, used with \($0.family)." }
        remarks.append(
            lan.map { "\($0.name) is the site's own link: hosts get their addresses there. Others: --lan." }
                ?? "No link of the site's own was found: hosts get no addresses until mag.lan names one, or --lan."
        )
        self.remarks = remarks
    }

    package var yaml: String {
        let site = lan.map { "  lan: { interface: \($0.name.quoted) }" } ?? "  # lan: { interface: eth1 }"
        return """
            # A gateway (MAG), proposed by `plait mag init`. It contains a key: keep it to yourself.
            # Check it with `plait check`, start it with `plait mag run --config THIS-FILE`.
            mag:
              identifier: \(enrolment.identifier.quoted)
              anchor:
                addresses: \(enrolment.anchorAddresses.yaml)
                authentication: \(enrolment.authentication)
              # The site: it keeps its prefixes whatever access networks it is reached by.
              mobile-node: { identifier: \(enrolment.mobileNode.quoted), delegated-prefixes: [ipv4] }
              # One path each. A link can also be named by a pattern ("wwan*") or by its address (mac: "02:00:…").
              wans:
            \(wans.indices.map(entry).joined(separator: "\n"))
              # The site's own link, where hosts are given addresses: IPv4 ones by DHCP, if it has dhcp: {} beside the interface.
            \(site)
              # Calls on the quickest path; bulk over all of them where their rates are known.
              distribution: { mode: automatic }

            """
    }

    private func entry(_ index: Int) -> String {
        let link = wans[index].link
        let number = index + 1
        let family = wans[index].family == .ipv6 ? "ipv6" : "ipv4"
        let technology =
            switch link.name {
            case let name where name.hasPrefix("ww") || Self.isPlugged(name): "e-utran"
            case let name where name.hasPrefix("wl"): "wlan"
            case let name where name.hasPrefix("ppp"): "ppp"
            default: "ethernet"
            }
        // What is plugged in may have another name tomorrow.
        let hardware = Self.isPlugged(link.name) ? link.permanentAddress ?? link.linkLayerAddress : nil
        let selection =
            hardware.map { "name: \(link.name.quoted), mac: \"\($0)\"" } ?? "interface: \(link.name.quoted)"
        return """
                - { \(selection), binding-identifier: \(number), label: \(number), access-technology: \(technology), \
            family: \(family) }
            """
    }

    private static func isPlugged(_ name: String) -> Bool { name.hasPrefix("usb") || name.hasPrefix("enx") }

    /// It leads to the world, or a provider has given it an address for a time.
    private static func isAccess(_ link: LinkState, on machine: MachineView) -> Bool {
        [AddressFamily.ipv6, .ipv4].contains { family in
            machine.uplinks(family).contains { $0.index == link.index }
                || machine.globalAddresses(family, on: link).contains { !$0.isPermanent }
        }
    }

    /// IPv6 where the access network has it: nothing translates addresses there.
    private static func family(
        of link: LinkState,
        towards anchor: AnchorAddresses,
        on machine: MachineView
    ) -> AddressFamily? {
        [AddressFamily.ipv6, .ipv4].first { family in
            anchor[family] != nil && !machine.globalAddresses(family, on: link).isEmpty
                && machine.uplinks(family).contains { $0.index == link.index }
        }
            ?? [AddressFamily.ipv6, .ipv4].first { family in
                anchor[family] != nil && !machine.globalAddresses(family, on: link).isEmpty
            }
    }

    /// A bridge, or what is called so; else the first that hosts could be on.
    private static func lan(among links: [LinkState]) -> LinkState? {
        let fitting = links.filter { $0.isUp && !$0.isPointToPoint && $0.linkLayerAddress != nil }
        return fitting.first { $0.name.hasPrefix("lan") } ?? fitting.first { $0.name.hasPrefix("br") } ?? fitting.first
    }
}

extension GatewayProposal.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noAccessNetwork:
            "no link has an address of a family that the anchor has, too; say with --wan which it will be once it is up"
        case .noLink(let name): "there is no link \(name)"
        }
    }
}
