// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait show counters`
package struct ShowCounters: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "counters",
        abstract: "What the daemon has counted since it started."
    )

    @OptionGroup var options: ShowOptions

    package init() {}

    package mutating func run() async throws {
        try await options.show(.counters) { (counters: [API.Counter]) in counters.table }
    }
}
