// SPDX-License-Identifier: Apache-2.0

/// The flags that a revocation and its acknowledgement share (RFC 5846 §5.1, §5.2), reserved bits included.
package struct BindingRevocationFlags: OptionSet, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// P: a proxy binding.
    package static let proxyBinding = BindingRevocationFlags(rawValue: 0x8000)
    /// V: the IPv4 home address only.
    package static let ipv4HomeAddressOnly = BindingRevocationFlags(rawValue: 0x4000)
    /// G: all bindings between the two, or all that share what the options name.
    package static let global = BindingRevocationFlags(rawValue: 0x2000)

    static let letters = "PVG"
}
