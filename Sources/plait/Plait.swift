// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

@main
struct Plait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plait",
        abstract: "Bonds several access lines into one, with multipath Proxy Mobile IPv6 (RFC 8278)."
    )
}
