// SPDX-License-Identifier: Apache-2.0

/// The two families of the Internet protocol.
package enum AddressFamily: Hashable, Sendable {
    case ipv4
    case ipv6

    package init(of address: IPAddress) { self = address.isIPv4 ? .ipv4 : .ipv6 }
}

extension AddressFamily: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}
