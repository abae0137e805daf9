// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait attach NODE`
package struct AttachCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Have the gateway take up a mobile node on an access link (RFC 5213 §6.3).",
        discussion: """
            The gateway notices by itself who comes. This is for a node that says nothing, and ends what plait detach began.

            \(CommandOptions.exitCodes)
            """
    )

    @OptionGroup var attachment: AttachmentOptions
    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws { try options.perform(.attach(attachment.request)) }
}
