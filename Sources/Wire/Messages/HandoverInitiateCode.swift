// SPDX-License-Identifier: Apache-2.0

/// The Code of a Handover Initiate (RFC 5568 §6.2.1.1, RFC 5949 §6.1.1): what made the gateway send it.
package struct HandoverInitiateCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let fromPreviousAddress = HandoverInitiateCode(rawValue: 0)
    package static let notFromPreviousAddress = HandoverInitiateCode(rawValue: 1)
    /// RFC 5949 §6.1.1
    package static let forwardingCompleted = HandoverInitiateCode(rawValue: 2)
    package static let contextTransferred = HandoverInitiateCode(rawValue: 3)

    private static let names: [UInt8: String] = [
        0: "update from the previous address", 1: "update from another address", 2: "forwarding completed",
        3: "all available context transferred",
    ]
}

extension HandoverInitiateCode: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "code \(rawValue)" }
}
