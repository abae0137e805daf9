// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Lab

/// `plait lab …`: a test network on this machine.
struct Lab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A test network on this machine: a site with two access networks, an anchor and a server.",
        subcommands: [
            LabUp.self, LabDown.self, LabStatus.self, LabLink.self, LabRenumber.self, LabRebind.self, LabExecute.self,
            LabHostIPv4.self, LabDemo.self, LabWalk.self, LabEmulate.self,
        ]
    )
}

struct LabUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Build the network and start its links."
    )

    @Option(help: "How wan1 behaves, as rate=20mbit,delay=15ms,jitter=0ms,loss=0%,queue=50ms.")
    var wan1 = ""
    @Option(help: "How wan2 behaves.")
    var wan2 = ""
    @Option(help: "WANs whose access router translates IPv4 addresses: wan1,wan2.")
    var nat = ""
    @Flag(help: "Both translated WANs have the same private subnet, and the gateway the same address.")
    var sameSubnet = false
    @Flag(help: "The gateway's WAN addresses come from DHCPv4 and router advertisements.")
    var dynamic = false
    @Flag(help: "Only wan1's default route is in the main table; wan2's IPv4 one is in table 100.")
    var oneDefaultRoute = false
    @Option(help: "Sites on the same access networks: 1 or 2.")
    var sites = 1
    @Flag(help: "A 1:1 translator stands before the anchor, whose own IPv4 address then is 10.99.0.1.")
    var anchorNat = false
    @Option(help: "WANs that drop IPv6 packets of protocols 47 and 135: wan1,wan2.")
    var block = ""
    @Flag(help: "The server has no route beyond its own link.")
    var serverOnLink = false

    func run() async throws {
        let links = ["wan1": try LinkChanges(commaSeparated: wan1), "wan2": try LinkChanges(commaSeparated: wan2)]
        try await Laboratory().up(links, try variant)
        let second = sites == 2 ? ", plait-host2, plait-mag2" : ""
        print("The lab is up: plait-host, plait-mag, plait-wan1, plait-wan2, plait-lma, plait-server\(second).")
    }

    private var variant: LabVariant {
        get throws {
            var variant = LabVariant()
            variant.translated = try LabVariant.numbers(nat, key: "nat")
            variant.hasSameSubnets = sameSubnet
            variant.isDynamic = dynamic
            variant.hasOneDefaultRoute = oneDefaultRoute
            variant.sites = sites
            variant.isAnchorTranslated = anchorNat
            variant.blocked = try LabVariant.numbers(block, key: "block")
            variant.isServerOnLink = serverOnLink
            return variant
        }
    }
}

struct LabDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Remove the network, and end whatever runs in it."
    )

    func run() async throws { try await Laboratory().down() }
}

struct LabStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the links, what they have carried and what they have dropped."
    )

    func run() async throws { print(StatusTable.text(try Laboratory().emulator.status()), terminator: "") }
}

struct LabLink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "link", abstract: "Change a link while it runs.")

    @Argument(help: "wan1 or wan2.")
    var link: String
    @Option(help: "up (from the gateway), down, or both.")
    var direction = "both"
    @Argument(help: "rate= delay= jitter= loss= queue= outage=on|off reordering=on|off, or carrier=on|off.")
    var changes: [String]

    func run() async throws {
        let lab = Laboratory()
        for change in changes where change.hasPrefix("carrier=") {
            try await lab.setCarrier(link, on: try LinkChanges.flag(change))
        }
        let rest = try LinkChanges(changes.filter { !$0.hasPrefix("carrier=") })
        let directions = try EmulatorRequest.directions(direction)
        if !rest.text.isEmpty { try lab.emulator.change(link, directions, rest) }
    }
}

struct LabRenumber: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renumber",
        abstract: "Have an access network give another prefix or lease: plait lab renumber wan1 ipv6"
    )

    @Argument(help: "wan1 or wan2.")
    var link: String
    @Argument(help: "ipv6: another prefix, the old one deprecated; ipv4: another lease.")
    var family: String

    func run() async throws {
        guard let family = Laboratory.Family(rawValue: family) else {
            throw SettingError(key: "family", value: family, expected: "ipv6 or ipv4")
        }
        try await Laboratory().renumber(link, family)
    }
}

struct LabRebind: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebind",
        abstract: "Have an address translator forget its mappings: plait lab rebind wan1 --address 198.18.1.9"
    )

    @Argument(help: "wan1 or wan2.")
    var link: String
    @Option(help: "Another public address for it, in 198.18.1.0/24 or 198.18.2.0/24.")
    var address: String?

    func run() async throws { try await Laboratory().rebind(link, address: address) }
}

struct LabExecute: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program in a part of the network: plait lab exec host -- ping 192.0.3.80"
    )

    @Argument(help: "host, mag, wan1, wan2, lma or server; host2 or mag2 of a second site.")
    var namespace: String
    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var program: [String]

    func run() throws { try Laboratory().execute(program, in: namespace) }
}

struct LabHostIPv4: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host-ipv4",
        abstract: "Number the host: plait lab host-ipv4 10.20.0.2/24 10.20.0.1"
    )

    @Argument(help: "The host's address with its prefix length.")
    var address: String
    @Argument(help: "Its router: the gateway's address on the LAN.")
    var router: String
    @Option(help: "The host's site: 1 or 2.")
    var site = 1

    func run() async throws { try await Laboratory().numberHost(address, router: router, site: site) }
}

struct LabDemo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Carry real traffic over two access networks, and lose each of them on the way."
    )

    @Option(help: "A directory for the captured signalling: wan1.pcap and wan2.pcap.")
    var capture: String?

    func run() async throws {
        guard try await Demo(captureFolder: capture).run() else { throw ExitCode.failure }
    }
}

struct LabWalk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "walk",
        abstract: "Have a host walk from one gateway to another in mid-upload, and back."
    )

    func run() async throws {
        guard try await MovesDemo().run() else { throw ExitCode.failure }
    }
}

struct LabEmulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulate",
        abstract: "Move the frames of emulated links; started by 'up'.",
        shouldDisplay: false
    )

    @Option var namespace: String
    @Option var socket: String
    @Option(help: "NAME=NEAR,FAR") var link: [String]

    func run() throws {
        let links = link.compactMap { EmulatedLink($0) }
        guard links.count == link.count else { throw ValidationError("--link: expected NAME=NEAR,FAR") }
        try Laboratory.emulate(namespace: namespace, links: links, socket: socket)
    }
}
