// SPDX-License-Identifier: Apache-2.0

/// What became of one flow binding (RFC 6089 §4.2).
package struct FlowBindingStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    package static let successful = FlowBindingStatus(rawValue: 0)
    package static let administrativelyProhibited = FlowBindingStatus(rawValue: 128)
    package static let rejected = FlowBindingStatus(rawValue: 129)
    package static let malformed = FlowBindingStatus(rawValue: 130)
    package static let bindingNotFound = FlowBindingStatus(rawValue: 131)
    package static let flowNotFound = FlowBindingStatus(rawValue: 132)
    package static let selectorFormatNotSupported = FlowBindingStatus(rawValue: 133)

    private static let names: [UInt8: String] = [
        0: "successful", 128: "administratively prohibited", 129: "rejected", 130: "malformed",
        131: "binding identifier not found", 132: "flow identifier not found",
        133: "traffic selector format not supported",
    ]
}

extension FlowBindingStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
