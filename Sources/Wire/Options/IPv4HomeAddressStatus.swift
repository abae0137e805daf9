// SPDX-License-Identifier: Apache-2.0

/// What became of a request for an IPv4 home address (RFC 5555 §3.2.1, RFC 5844 §3.3.2). Below 128 it was granted.
package struct IPv4HomeAddressStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let success = IPv4HomeAddressStatus(rawValue: 0)
    package static let failure = IPv4HomeAddressStatus(rawValue: 128)
    package static let administrativelyProhibited = IPv4HomeAddressStatus(rawValue: 129)
    package static let incorrectHomeAddress = IPv4HomeAddressStatus(rawValue: 130)
    package static let invalidAddress = IPv4HomeAddressStatus(rawValue: 131)
    package static let dynamicAssignmentNotAvailable = IPv4HomeAddressStatus(rawValue: 132)
    /// Only of RFC 5555.
    package static let prefixAllocationUnauthorized = IPv4HomeAddressStatus(rawValue: 133)

    package var isSuccess: Bool { rawValue < 128 }

    private static let names: [UInt8: String] = [
        0: "success", 128: "failure, reason unspecified", 129: "administratively prohibited",
        130: "incorrect IPv4 home address", 131: "invalid IPv4 address",
        132: "dynamic IPv4 home address assignment not available", 133: "prefix allocation unauthorized",
    ]
}

extension IPv4HomeAddressStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
