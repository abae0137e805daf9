// SPDX-License-Identifier: Apache-2.0

/// What a DHCP message says (option 53, RFC 2132 §9.6).
package enum DHCPMessageType: UInt8, CaseIterable, Sendable {
    case discover = 1
    case offer = 2
    case request = 3
    case decline = 4
    case acknowledge = 5
    case refuse = 6
    case release = 7
    case inform = 8
}
