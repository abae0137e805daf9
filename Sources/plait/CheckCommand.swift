// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Daemon

/// `plait check FILE`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a configuration file is good, or what is wrong in which line.",
        discussion: "Exit codes: 0 the file is good; 1 it is not; 64 the command line is wrong."
    )

    @Argument(help: "The configuration file of an anchor or a gateway.", completion: .file(extensions: ["yaml"]))
    var file: String

    func run() throws {
        let (isGood, text) = ConfigurationFile.check(file)
        print(text)
        guard isGood else { throw ExitCode(1) }
    }
}
