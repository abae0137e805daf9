// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait show settings`
package struct ShowSettings: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "The kernel's settings that the daemon has changed.",
        discussion: "Each is set back to what it was when the daemon ends, unless somebody else changes it meanwhile."
    )

    @OptionGroup var options: ShowOptions

    package init() {}

    package mutating func run() async throws {
        try await options.show(.settings) { (settings: [API.Setting]) in settings.table }
    }
}
