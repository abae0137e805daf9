// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait revoke realm REALM`
package struct RevokeRealm: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "realm",
        abstract: "Every binding of the mobile nodes of a realm.",
        discussion: CommandOptions.exitCodes
    )

    @Argument(help: "What stands behind the @ of their identifiers.")
    var realm: String

    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws {
        try options.perform(.revoke(API.RevocationRequest(realm: realm)))
    }
}
