// SPDX-License-Identifier: Apache-2.0

/// The Status of a Localized Routing Acknowledgment (RFC 6705 §9.2). Below 128 the gateway does as it was told.
package struct LocalizedRoutingStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    package static let success = LocalizedRoutingStatus(rawValue: 0)
    package static let notAllowed = LocalizedRoutingStatus(rawValue: 128)
    package static let mobileNodeNotAttached = LocalizedRoutingStatus(rawValue: 129)

    private static let names: [UInt8: String] = [
        0: "success", 128: "localized routing not allowed", 129: "mobile node not attached",
    ]
}

extension LocalizedRoutingStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
