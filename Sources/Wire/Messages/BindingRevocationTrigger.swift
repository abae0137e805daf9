// SPDX-License-Identifier: Apache-2.0

/// Why bindings are revoked (RFC 5846 §5.1). Below 128 it is about one mobile node.
package struct BindingRevocationTrigger: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// RFC 5846 §5.1: these go with the G flag, and only these.
    package var isGlobal: Bool { rawValue >= 128 }
    /// Assigned; the others are reserved, or for tests.
    package var isKnown: Bool { Self.names[rawValue] != nil }
    /// The node has gone to another gateway, it seems.
    package var isHandover: Bool { (2...4).contains(rawValue) }

    package static let unspecified = BindingRevocationTrigger(rawValue: 0)
    package static let administrativeReason = BindingRevocationTrigger(rawValue: 1)
    package static let interMAGHandoverSameAccessType = BindingRevocationTrigger(rawValue: 2)
    package static let interMAGHandoverDifferentAccessType = BindingRevocationTrigger(rawValue: 3)
    package static let interMAGHandoverUnknown = BindingRevocationTrigger(rawValue: 4)
    package static let userInitiatedSessionTermination = BindingRevocationTrigger(rawValue: 5)
    package static let accessNetworkSessionTermination = BindingRevocationTrigger(rawValue: 6)
    package static let possibleOutOfSync = BindingRevocationTrigger(rawValue: 7)
    package static let perPeerPolicy = BindingRevocationTrigger(rawValue: 128)
    package static let revokingMobileNodeLocalPolicy = BindingRevocationTrigger(rawValue: 129)

    private static let names: [UInt8: String] = [
        0: "unspecified", 1: "administrative reason", 2: "handover between gateways, same access type",
        3: "handover between gateways, different access type", 4: "handover between gateways, unknown access type",
        5: "sessions terminated by the user", 6: "sessions terminated by the access network",
        7: "binding cache entry possibly out of sync", 128: "per-peer policy", 129: "local policy of the mobile node",
    ]
}

extension BindingRevocationTrigger: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "trigger \(rawValue)" }
}
