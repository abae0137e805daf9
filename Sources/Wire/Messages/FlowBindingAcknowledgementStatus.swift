// SPDX-License-Identifier: Apache-2.0

/// The Status of a Flow Binding Acknowledgement (RFC 7109 §6.1.2). Below 128 the indication was processed.
package struct FlowBindingAcknowledgementStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    package static let success = FlowBindingAcknowledgementStatus(rawValue: 0)
    package static let targetBindingDoesNotExist = FlowBindingAcknowledgementStatus(rawValue: 128)
    package static let actionNotAuthorized = FlowBindingAcknowledgementStatus(rawValue: 129)

    private static let names: [UInt8: String] = [
        0: "success", 128: "binding of the target care-of address does not exist", 129: "action not authorized",
    ]
}

extension FlowBindingAcknowledgementStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
