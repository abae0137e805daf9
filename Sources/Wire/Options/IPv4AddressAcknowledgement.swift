// SPDX-License-Identifier: Apache-2.0

/// IPv4 Address Acknowledgement of a client's Binding Acknowledgement (RFC 5555 §3.2.1).
package struct IPv4AddressAcknowledgement: IPv4AddressAnswer, Equatable {
    package static let type: UInt8 = 30
    package static let name = "IPv4 Address Acknowledgement"

    package var status: IPv4HomeAddressStatus
    package var address: IPv4Address
    package var prefixLength: UInt8

    package init(status: IPv4HomeAddressStatus, address: IPv4Address, prefixLength: UInt8) {
        self.status = status
        self.address = address
        self.prefixLength = prefixLength
    }
}
