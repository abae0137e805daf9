// SPDX-License-Identifier: Apache-2.0
package import ArgumentParser

/// `plait revoke …`: takes back what gateways have registered.
package struct RevokeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take back what gateways have registered (RFC 5846).",
        discussion: """
            The anchor asks each gateway concerned to let go, and after some seconds lets go itself, whatever the gateway \
            says. A gateway of ours stays away for a minute, or until it is notified (plait notify).

            \(CommandOptions.exitCodes)
            """,
        subcommands: [
            RevokeSession.self, RevokeScope<Gateway>.self, RevokeScope<Realm>.self, RevokeAll.self,
        ]
    )

    package init() {}
}
