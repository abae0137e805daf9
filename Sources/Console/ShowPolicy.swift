// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait show policy`
package struct ShowPolicy: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "The rules in force, in the order in which they are matched.",
        discussion: """
            OF: whose rule it is, the site's (the gateway's) or the anchor's. STATE: what the peer knows of it (RFC 6089). \
            SENT and RECEIVED: what matched it, since it is as it is. FROM: the configuration, or the file of plait set \
            policy, which holds until the daemon's end.
            """
    )

    @OptionGroup var options: ShowOptions

    package init() {}

    package mutating func run() async throws {
        try await options.show(.policy) { (rules: [API.PolicyRule]) in rules.table }
    }
}
