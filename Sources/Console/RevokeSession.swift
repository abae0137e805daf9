// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait revoke session NODE`
package struct RevokeSession: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "The sessions of a mobile node, one of its bindings, or its IPv4 home address.",
        discussion: CommandOptions.exitCodes
    )

    @Argument(help: "The mobile node's identifier, as plait show bindings has it.")
    var node: String

    @Option(help: "The identifier of the one binding that goes; the others stay.")
    var binding: Int?

    @Flag(help: "The IPv4 home address alone goes; the prefixes stay.")
    var ipv4 = false

    @OptionGroup var options: CommandOptions

    package init() {}

    package func validate() throws {
        if let binding, !(1...254).contains(binding) {
            throw ValidationError("--binding \(binding): binding identifiers are 1 to 254")
        }
        guard binding == nil || !ipv4 else {
            throw ValidationError("--binding and --ipv4: a home address belongs to all bindings of a session")
        }
    }

    package mutating func run() async throws {
        let request = API.RevocationRequest(
            mobileNode: node,
            bindingIdentifier: binding,
            ipv4HomeAddress: ipv4 ? true : nil
        )
        try options.perform(.revoke(request))
    }
}
