// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait revoke gateway ID`
package struct RevokeGateway: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Every binding of a gateway.",
        discussion: CommandOptions.exitCodes
    )

    @Argument(help: "The gateway's identifier.")
    var gateway: String

    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws {
        try options.perform(.revoke(API.RevocationRequest(gateway: gateway)))
    }
}
