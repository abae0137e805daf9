// SPDX-License-Identifier: Apache-2.0

/// IPv4 Default-Router Address: what the mobile node shall take for its router (RFC 5844 §3.3.3).
package struct IPv4DefaultRouterAddress: IPv4AddressCarrier, Equatable {
    package static let type: UInt8 = 38
    package static let name = "IPv4 Default-Router Address"

    package var address: IPv4Address

    package init(_ address: IPv4Address) { self.address = address }
}
