// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait set policy FILE`
package struct SetPolicy: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Put the rules of a file in place of those in force.",
        discussion: """
            The file has the key policy with a list of rules, as a configuration has it, or is a whole configuration. The \
            daemon checks all of it first: if anything is wrong, nothing is changed. Else all rules change at once, and no \
            packet is lost. This holds until the daemon's end: to keep it, write it into the configuration.

            \(CommandOptions.exitCodes)
            """
    )

    @Argument(help: "The file, in YAML.", completion: .file(extensions: ["yaml"]))
    var file: String

    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws {
        let text: String
        do throws(FileFailure) {
            text = try FileInput.text(of: file)
        } catch {
            FileOutput.standardError.write("plait: \(error.description)\n")
            throw ExitCode(1)
        }
        try options.perform(.setPolicy(API.PolicyRequest(file: file, text: text)), as: \.ruleTable)
    }
}
