// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// The two families of the Internet protocol.
package enum AddressFamily: Hashable, Sendable {
    case ipv4
    case ipv6

    package init(of address: IPAddress) { self = address.isIPv4 ? .ipv4 : .ipv6 }

    /// The kernel's number.
    var number: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        }
    }
}
