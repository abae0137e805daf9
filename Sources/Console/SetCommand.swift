// SPDX-License-Identifier: Apache-2.0
package import ArgumentParser

/// `plait set …`: changes what a running daemon does.
package struct SetCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change what a running daemon does, until its end.",
        subcommands: [SetPolicy.self]
    )

    package init() {}
}
