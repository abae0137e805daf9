// SPDX-License-Identifier: Apache-2.0
import API
package import ArgumentParser

/// `plait revoke gateway ID`, `plait revoke realm REALM`
package struct RevokeScope<Scope: RevocationScope>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Scope.word,
            abstract: Scope.abstract,
            discussion: CommandOptions.exitCodes
        )
    }

    @Argument(help: ArgumentHelp("\(Scope.help)", valueName: Scope.word))
    var name: String

    @OptionGroup var options: CommandOptions

    package init() {}

    package mutating func run() async throws {
        try options.perform(.revoke(Scope.request(name)))
    }
}
