// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait show bindings`
package struct ShowBindings: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "bindings",
        abstract: "The mobile nodes' bindings with their prefixes.",
        discussion: """
            HNP: home network prefix. BID: binding identifiers of the registered paths. At a gateway also: the anchor that \
            it registers with now, and whether traffic breaks out, leaving by the access networks without an anchor.
            """
    )

    @OptionGroup var options: ShowOptions

    package init() {}

    package mutating func run() async throws {
        try await options.show(.bindings) { (bindings: [API.Binding]) in bindings.table }
    }
}
