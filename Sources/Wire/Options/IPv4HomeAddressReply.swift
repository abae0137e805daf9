// SPDX-License-Identifier: Apache-2.0

/// IPv4 Home Address Reply of a Proxy Binding Acknowledgement (RFC 5844 §3.3.2).
package struct IPv4HomeAddressReply: IPv4AddressAnswer, Equatable {
    package static let type: UInt8 = 37
    package static let name = "IPv4 Home Address Reply"

    package var status: IPv4HomeAddressStatus
    package var address: IPv4Address
    package var prefixLength: UInt8

    package init(status: IPv4HomeAddressStatus, address: IPv4Address, prefixLength: UInt8) {
        self.status = status
        self.address = address
        self.prefixLength = prefixLength
    }
}
