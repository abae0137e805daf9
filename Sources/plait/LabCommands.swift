// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Lab

/// `plait lab …`: a test network on this machine.
struct Lab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A test network on this machine: a site with two access networks, an anchor and a server.",
        subcommands: [
            LabUp.self, LabDown.self, LabStatus.self, LabLink.self, LabExecute.self, LabHostIPv4.self, LabDemo.self,
            LabEmulate.self,
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

    func run() async throws {
        let links = ["wan1": try LinkChanges(commaSeparated: wan1), "wan2": try LinkChanges(commaSeparated: wan2)]
        try await Laboratory().up(links)
        print("The lab is up: plait-host, plait-mag, plait-wan1, plait-wan2, plait-lma, plait-server.")
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

struct LabExecute: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program in a part of the network: plait lab exec host -- ping 192.0.3.80"
    )

    @Argument(help: "host, mag, wan1, wan2, lma or server.")
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

    func run() async throws { try await Laboratory().numberHost(address, router: router) }
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
