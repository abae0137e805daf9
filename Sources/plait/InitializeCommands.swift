// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Daemon

/// `plait lma init`
struct InitializeAnchor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a configuration for an anchor on this machine, and an enrolment for each gateway.",
        discussion: "Asks nothing. Exit codes: 0 the files are written; 1 they are not; 64 the command line is wrong."
    )

    @Option(help: "The anchor's name. Default: this machine's.")
    var name: String?
    @Option(help: "The anchor's IPv6 address. Default: found out.")
    var ipv6: String?
    @Option(help: "The anchor's IPv4 address. Default: found out.")
    var ipv4: String?
    @Option(help: "A gateway's name; may be given several times. Default: gateway1.")
    var gateway: [String] = []
    @Option(help: "The configuration file; enrolments are written beside it.", completion: .file())
    var output = "anchor.yaml"
    @Flag(help: "Overwrite files.")
    var force = false

    func run() throws {
        var wishes = AnchorProposal.Wishes(name: name, ipv6: ipv6, ipv4: ipv4)
        if !gateway.isEmpty { wishes.gateways = gateway }
        print(try AnchorProposal(wishes, on: MachineView()).write(to: output, overwriting: force), terminator: "")
    }
}

/// `plait mag init`
struct InitializeGateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a configuration for a gateway on this machine.",
        discussion: "Asks nothing. Exit codes: 0 the file is written; 1 it is not; 64 the command line is wrong."
    )

    @Option(help: "The file that `plait lma init` wrote for this gateway.", completion: .file(extensions: ["yaml"]))
    var enrolment: String
    @Option(help: "A link to an access network; may be given several times. Default: found out.")
    var wan: [String] = []
    @Option(help: "The site's own link. Default: found out.")
    var lan: String?
    @Option(help: "The configuration file.", completion: .file())
    var output = "gateway.yaml"
    @Flag(help: "Overwrite the file.")
    var force = false

    func run() throws {
        let wishes = GatewayProposal.Wishes(wans: wan, lan: lan)
        let proposal = try GatewayProposal(try Enrolment.load(enrolment), wishes, on: MachineView())
        print(try proposal.write(to: output, overwriting: force), terminator: "")
    }
}
