// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait revoke all`
package struct RevokeAll: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "Every binding of every gateway.",
        discussion: CommandOptions.exitCodes
    )

    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws {
        try options.perform(.revoke(API.RevocationRequest(everything: true)))
    }
}
