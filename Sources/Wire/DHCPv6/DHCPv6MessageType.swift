// SPDX-License-Identifier: Apache-2.0

/// What a DHCPv6 message between a client and a server says (RFC 8415 §7.3). Relay agents' messages are of another form (`DHCPv6RelayMessage`).
package enum DHCPv6MessageType: UInt8, CaseIterable, Sendable {
    case solicit = 1
    case advertise = 2
    case request = 3
    case confirm = 4
    case renew = 5
    case rebind = 6
    case reply = 7
    case release = 8
    case decline = 9
    case reconfigure = 10
    case informationRequest = 11
}
