// SPDX-License-Identifier: Apache-2.0

/// What a configuration file says: one daemon's settings, validated as far as one file can be by itself.
package enum Configuration: Equatable, Sendable {
    /// The top key `lma`.
    case anchor(AnchorConfiguration)
    /// The top key `mag`.
    case gateway(GatewayConfiguration)

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let root = try node.section(["lma", "mag"])
        switch (root.optional("lma"), root.optional("mag")) {
        case (let anchor?, nil): self = .anchor(try AnchorConfiguration(anchor))
        case (nil, let gateway?): self = .gateway(try GatewayConfiguration(gateway))
        case (_?, _?): throw node.failure("has both lma and mag", hint: "a file configures one daemon")
        case (nil, nil): throw node.failure("has no section", hint: "it needs one of the keys lma, mag")
        }
    }

    /// The file's content in a line.
    package var summary: String {
        switch self {
        case .anchor(let anchor): anchor.summary
        case .gateway(let gateway): gateway.summary
        }
    }
}
