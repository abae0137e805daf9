// SPDX-License-Identifier: Apache-2.0

/// The Code of a Handover Acknowledge (RFC 5568 §6.2.1.2, RFC 5949 §6.1.2). Below 128 the gateway does as it was asked.
package struct HandoverAcknowledgeCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    /// Without P also: the new care-of address is valid.
    package static let accepted = HandoverAcknowledgeCode(rawValue: 0)
    package static let addressNotValid = HandoverAcknowledgeCode(rawValue: 1)
    package static let addressAssigned = HandoverAcknowledgeCode(rawValue: 2)
    package static let usePreviousAddress = HandoverAcknowledgeCode(rawValue: 3)
    package static let unsolicited = HandoverAcknowledgeCode(rawValue: 4)
    /// RFC 5949 §6.1.2
    package static let contextTransferAccepted = HandoverAcknowledgeCode(rawValue: 5)
    package static let contextTransferred = HandoverAcknowledgeCode(rawValue: 6)
    package static let notAccepted = HandoverAcknowledgeCode(rawValue: 128)
    package static let administrativelyProhibited = HandoverAcknowledgeCode(rawValue: 129)
    package static let insufficientResources = HandoverAcknowledgeCode(rawValue: 130)
    /// RFC 5949 §6.1.2
    package static let contextNotAvailable = HandoverAcknowledgeCode(rawValue: 131)
    package static let forwardingNotAvailable = HandoverAcknowledgeCode(rawValue: 132)

    private static let names: [UInt8: String] = [
        0: "accepted", 1: "accepted, new address not valid", 2: "accepted, new address assigned",
        3: "accepted, use the previous address", 4: "unsolicited", 5: "context transfer accepted",
        6: "all available context transferred", 128: "not accepted", 129: "administratively prohibited",
        130: "insufficient resources", 131: "requested context not available", 132: "forwarding not available",
    ]
}

extension HandoverAcknowledgeCode: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "code \(rawValue)" }
}
