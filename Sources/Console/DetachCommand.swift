// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait detach NODE`
package struct DetachCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "detach",
        abstract: "Have the gateway let go of a mobile node on an access link (RFC 5213 §6.3).",
        discussion: """
            It is de-registered, and stays away until plait attach, or until the gateway starts anew.

            \(CommandOptions.exitCodes)
            """
    )

    @OptionGroup var attachment: AttachmentOptions
    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws { try options.perform(.detach(attachment.request)) }
}
