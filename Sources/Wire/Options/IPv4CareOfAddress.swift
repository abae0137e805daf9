// SPDX-License-Identifier: Apache-2.0

/// IPv4 Care-of Address of a client's Binding Update (RFC 5555 §3.1.2).
package struct IPv4CareOfAddress: IPv4AddressCarrier, Equatable {
    package static let type: UInt8 = 32
    package static let name = "IPv4 Care-of Address"

    package var address: IPv4Address

    package init(_ address: IPv4Address) { self.address = address }
}
