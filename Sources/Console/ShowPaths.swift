// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait show paths`
package struct ShowPaths: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "paths",
        abstract: "The tunnels, their condition and their traffic.",
        discussion: """
            BID: binding identifier. RTT: round-trip time through the tunnel. RATE: what this daemon sends at most, as far as
            it is known. WAITS, LOST: how much longer packets take now than on an idle line, and how many do not come. DOWN, UP, COST, QUOTA LEFT: what is known of the access lines.
            """
    )

    @OptionGroup var options: ShowOptions

    package init() {}

    package mutating func run() async throws {
        try await options.show(.paths) { (paths: [API.Path]) in paths.table }
    }
}
