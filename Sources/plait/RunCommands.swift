// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Daemon
import Logging

/// `plait lma …`
struct LMA: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lma",
        abstract: "Local Mobility Anchor: the end that keeps a site's prefixes.",
        subcommands: [RunAnchor.self, InitializeAnchor.self]
    )
}

/// `plait mag …`
struct MAG: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mag",
        abstract: "Mobile Access Gateway: the router with the access lines.",
        subcommands: [RunGateway.self, InitializeGateway.self]
    )
}

struct RunOptions: ParsableArguments {
    @Option(help: "The configuration file (YAML).", completion: .file(extensions: ["yaml"]))
    var config: String

    @Flag(help: "Log every message, too.")
    var verbose = false

    var logger: Logger {
        var logger = Logger(label: "plait") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .info
        return logger
    }
}

struct RunAnchor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serve gateways until told to stop (SIGTERM, SIGINT)."
    )

    @OptionGroup var options: RunOptions

    func run() async throws {
        guard case .anchor(let anchor) = try ConfigurationFile.load(options.config) else {
            throw ValidationError("\(options.config) configures a gateway (mag), not an anchor (lma)")
        }
        try await AnchorDaemon(anchor, file: options.config, logger: options.logger).run()
    }
}

struct RunGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Register with the anchor and carry the site's traffic until told to stop (SIGTERM, SIGINT)."
    )

    @OptionGroup var options: RunOptions

    func run() async throws {
        guard case .gateway(let gateway) = try ConfigurationFile.load(options.config) else {
            throw ValidationError("\(options.config) configures an anchor (lma), not a gateway (mag)")
        }
        try await GatewayDaemon(gateway, file: options.config, logger: options.logger).run()
    }
}
