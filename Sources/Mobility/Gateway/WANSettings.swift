// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One access network of a gateway.
package struct WANSettings: Hashable, Sendable {
    package enum Family: String, CaseIterable, Hashable, Sendable { case ipv6, ipv4 }

    /// Unique among a gateway's WANs.
    package var name: String
    package var interface: String
    package var binding: BindingIdentifier
    /// RFC 8278 §4.1; 0: none.
    package var label: UInt8
    package var accessTechnology: AccessTechnology
    /// Of the care-of address.
    package var family: Family
    /// What the tunnel is asked to be; nil: what suits the address family and the way to the anchor.
    package var encapsulation: TunnelEncapsulation?

    /// `name`: nil for the interface's.
    package init(
        name: String? = nil,
        interface: String,
        binding: BindingIdentifier,
        label: UInt8,
        accessTechnology: AccessTechnology,
        family: Family,
        encapsulation: TunnelEncapsulation? = nil
    ) {
        self.name = name ?? interface
        self.interface = interface
        self.binding = binding
        self.label = label
        self.accessTechnology = accessTechnology
        self.family = family
        self.encapsulation = encapsulation
    }
}
