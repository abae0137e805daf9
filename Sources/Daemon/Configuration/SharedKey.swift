// SPDX-License-Identifier: Apache-2.0

/// A secret that a gateway and its anchor share. Printing it shows its length only.
package struct SharedKey: Hashable, Sendable {
    package let octets: [UInt8]

    package init(octets: [UInt8]) { self.octets = octets }
}

extension SharedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "key of \(octets.count) octets" }
    package var debugDescription: String { description }
    // Without this, dump and string interpolation of what contains the key would show the octets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
