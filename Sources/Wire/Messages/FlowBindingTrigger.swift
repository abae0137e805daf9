// SPDX-License-Identifier: Apache-2.0

/// Why the home agent speaks of flow bindings (RFC 7109 §6.1.1).
package struct FlowBindingTrigger: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let unspecified = FlowBindingTrigger(rawValue: 1)
    package static let administrativeReason = FlowBindingTrigger(rawValue: 2)
    package static let possibleOutOfSync = FlowBindingTrigger(rawValue: 3)

    private static let names: [UInt8: String] = [
        1: "unspecified", 2: "administrative reason", 3: "binding cache entry possibly out of sync",
    ]
}

extension FlowBindingTrigger: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "trigger \(rawValue)" }
}
