// SPDX-License-Identifier: Apache-2.0

/// What stands between the outer IP header and the user's packet.
package enum TunnelEncapsulation: String, Hashable, Sendable {
    /// GRE with key directly behind IPv6 or IPv4 (RFC 5845).
    case gre
    /// UDP 5437, TLV header, GRE with key (RFC 5845 §7.2), over IPv4.
    case udpTLVGRE
}
