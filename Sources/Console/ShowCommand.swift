// SPDX-License-Identifier: Apache-2.0
package import ArgumentParser

/// `plait show …`: what a running daemon knows.
package struct ShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a running daemon knows.",
        discussion: """
            Asks the daemon over its management socket. The socket is the one given by --socket, else the one in the \
            environment variable PLAIT_SOCKET, else the only one in \(SocketLocation.directory).

            Exit codes: 0 the daemon answered; 1 it answered with a problem, not in time, or not intelligibly; \
            2 there is no daemon; 64 the command line is wrong.
            """,
        subcommands: [
            ShowBindings.self, ShowPaths.self, ShowFlows.self, ShowPolicy.self, ShowCounters.self, ShowSettings.self,
        ]
    )

    package init() {}
}
