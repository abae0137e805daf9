// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A host of the site, whatever its addresses are at the moment.
package enum PolicyTerminal: Hashable, Sendable {
    case linkLayerAddress(LinkLayerAddress)
    /// As the host calls itself when it asks for an address (DHCP option 12), in small letters.
    case name(String)
}

extension PolicyTerminal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .linkLayerAddress(let address): "\(address)"
        case .name(let name): name
        }
    }
}
