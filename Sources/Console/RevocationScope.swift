// SPDX-License-Identifier: Apache-2.0
package import API

/// Whose bindings one name stands for, as a subcommand of `plait revoke`.
package protocol RevocationScope: Sendable {
    /// The subcommand.
    static var word: String { get }
    static var abstract: String { get }
    /// What the name is.
    static var help: String { get }
    static func request(_ name: String) -> API.RevocationRequest
}

extension RevokeCommand {
    /// `plait revoke gateway ID`
    package enum Gateway: RevocationScope {
        package static let word = "gateway"
        package static let abstract = "Every binding of a gateway."
        package static let help = "The gateway's identifier."
        package static func request(_ name: String) -> API.RevocationRequest { API.RevocationRequest(gateway: name) }
    }

    /// `plait revoke realm REALM`
    package enum Realm: RevocationScope {
        package static let word = "realm"
        package static let abstract = "Every binding of the mobile nodes of a realm."
        package static let help = "What stands behind the @ of their identifiers."
        package static func request(_ name: String) -> API.RevocationRequest { API.RevocationRequest(realm: name) }
    }
}
