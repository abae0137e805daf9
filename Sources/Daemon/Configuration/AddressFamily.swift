// SPDX-License-Identifier: Apache-2.0

/// IPv4 or IPv6, as a configuration names them.
package enum AddressFamily: Hashable, Sendable {
    case ipv4
    case ipv6

    var examplePrefix: String {
        switch self {
        case .ipv4: "10.20.0.0/16"
        case .ipv6: "2001:db8::/32"
        }
    }
}

extension AddressFamily: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}
