// SPDX-License-Identifier: Apache-2.0
package import API
package import ArgumentParser

/// `plait notify NODE REASON`, `plait notify --gateway ID REASON`
package struct NotifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Tell gateways that something has changed (RFC 7077).",
        usage: """
            plait notify NODE REASON [--acknowledged] [--socket SOCKET] [--json]
            plait notify --gateway ID REASON [--acknowledged] [--socket SOCKET] [--json]
            """,
        discussion: """
            REASON is re-register: refresh every path at once, and register again what was revoked; or \
            name-access-networks: likewise, and say which access networks the paths use.

            \(CommandOptions.exitCodes)
            """
    )

    @Argument(help: "The mobile node's identifier, unless --gateway is given, and the reason.")
    var words: [String]

    @Option(help: "Notify this gateway of all its sessions.")
    var gateway: String?

    @Flag(help: "Have the gateway acknowledge it, and wait for that.")
    var acknowledged = false

    @OptionGroup var options: CommandOptions

    package init() {}

    package func validate() throws { _ = try request() }

    package func request() throws -> API.NotificationRequest {
        let expected = gateway == nil ? 2 : 1
        guard words.count == expected, let word = words.last else {
            throw ValidationError(
                gateway == nil ? "expected a mobile node and a reason" : "with --gateway, expected a reason alone"
            )
        }
        guard let reason = API.NotificationRequest.Reason(rawValue: word) else {
            let known = API.NotificationRequest.Reason.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(word)\" is no reason: expected one of \(known)")
        }
        return API.NotificationRequest(
            mobileNode: gateway == nil ? words.first : nil,
            gateway: gateway,
            reason: reason,
            acknowledged: acknowledged ? true : nil
        )
    }

    package mutating func run() async throws { try options.perform(.notify(try request())) }
}
