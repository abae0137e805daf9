// SPDX-License-Identifier: Apache-2.0

/// How user packets are distributed over the paths of a session.
package struct DistributionConfiguration: Equatable, Sendable {
    package enum Mode: Equatable, Sendable {
        /// Thin flows on the quickest path, bulk packet by packet where all rates are known.
        case automatic
        /// All packets of a flow take one path.
        case perFlow
        /// Each packet takes the path that suits best; the receiver restores the order.
        case perPacket
    }

    package let mode: Mode
    /// How long a packet waits for those before it, 1 ms to 10 s.
    package let reorderTimeout: Duration
    /// An anchor's downlink rates by interface label; empty at a gateway, whose links have rates themselves.
    package let rates: [UInt8: BitRate]

    /// - Parameter hasRates: whether the key `rates` is allowed.
    init(_ node: ConfigurationNode?, hasRates: Bool) throws(ConfigurationError) {
        let section = try node?.section(["mode", "reorder-timeout"] + (hasRates ? ["rates"] : []))
        let modes: KeyValuePairs<String, Mode> = [
            "automatic": .automatic, "per-packet": .perPacket, "per-flow": .perFlow,
        ]
        mode = try section?.optional("mode")?.choice(modes) ?? .automatic
        reorderTimeout =
            try section?.optional("reorder-timeout")?.duration(in: .milliseconds(1) ... .seconds(10))
            ?? .milliseconds(100)
        var rates: [UInt8: BitRate] = [:]
        for entry in try section?.optional("rates")?.entries() ?? [] {
            guard let label = UInt8(entry.key), String(label) == entry.key else {
                throw entry.keyNode.failure("\"\(entry.key)\" is not an interface label", hint: "from 0 to 255")
            }
            rates[label] = try entry.value.bitRate()
        }
        self.rates = rates
    }

    var summary: String {
        switch mode {
        case .automatic: "automatic"
        case .perFlow: "per-flow"
        case .perPacket: "per-packet"
        }
    }
}
