// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait show flows`
package struct ShowFlows: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "The flows of user packets and the paths that they take.",
        discussion: """
            BID: binding identifier of the path that the newest packet took, and WHY it did. RULE: that of the policy which \
            it matched (plait show policy); plait explain tells the same of any packet.
            """
    )

    @OptionGroup var options: ShowOptions

    package init() {}

    package mutating func run() async throws {
        try await options.show(.flows) { (flows: [API.Flow]) in flows.table }
    }
}
