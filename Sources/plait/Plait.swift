// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Console

@main
struct Plait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plait",
        abstract: "Bonds several access lines into one, with multipath Proxy Mobile IPv6 (RFC 8278).",
        version: "0.1.0",
        subcommands: [
            LMA.self, MAG.self, CheckCommand.self, ShowCommand.self, RevokeCommand.self, NotifyCommand.self,
            AttachCommand.self, DetachCommand.self, ExplainCommand.self, SetCommand.self,
            DecodeCommand.self, Lab.self,
        ]
    )
}
