// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One access network of a gateway.
package struct WANSettings: Hashable, Sendable {
    package enum Family: String, CaseIterable, Hashable, Sendable { case ipv6, ipv4 }

    package var interface: String
    package var binding: BindingIdentifier
    /// RFC 8278 §4.1; 0: none.
    package var label: UInt8
    package var accessTechnology: AccessTechnology
    /// Of the care-of address.
    package var family: Family

    package init(
        interface: String,
        binding: BindingIdentifier,
        label: UInt8,
        accessTechnology: AccessTechnology,
        family: Family
    ) {
        self.interface = interface
        self.binding = binding
        self.label = label
        self.accessTechnology = accessTechnology
        self.family = family
    }
}
