// SPDX-License-Identifier: Apache-2.0

/// What stands between the outer IP header and the user's packet.
package enum TunnelEncapsulation: String, CaseIterable, Hashable, Sendable {
    /// Nothing: the inner packet is the outer one's payload (RFC 2473, RFC 5844 §4.1).
    case ipInIP = "ip-in-ip"
    /// GRE, with key where the session has one, directly behind IPv6 or IPv4 (RFC 5845).
    case gre
    /// UDP 5437; the first nibble tells the inner family (RFC 5844 §4.1).
    case udp
    /// UDP 5437 and the TLV header (RFC 5845 §6.4).
    case udpTLV = "udp-tlv"
    /// UDP 5437, TLV header, GRE (RFC 5845 §7.2).
    case udpTLVGRE = "udp-tlv-gre"

    /// The session's keys and its number space are used.
    package var usesGRE: Bool {
        switch self {
        case .gre, .udpTLVGRE: true
        case .ipInIP, .udp, .udpTLV: false
        }
    }

    package var usesTLV: Bool {
        switch self {
        case .udpTLV, .udpTLVGRE: true
        case .ipInIP, .gre, .udp: false
        }
    }

    var withoutGRE: TunnelEncapsulation {
        switch self {
        case .gre: .ipInIP
        case .udpTLVGRE: .udpTLV
        case .ipInIP, .udp, .udpTLV: self
        }
    }

    /// Over UDP GRE stands behind a TLV header (RFC 5845 §7.2).
    var withGRE: TunnelEncapsulation {
        switch self {
        case .ipInIP: .gre
        case .udp, .udpTLV: .udpTLVGRE
        case .gre, .udpTLVGRE: self
        }
    }

    var withoutUDP: TunnelEncapsulation {
        switch self {
        case .udp, .udpTLV: .ipInIP
        case .udpTLVGRE: .gre
        case .ipInIP, .gre: self
        }
    }

    /// Passes address translators.
    package var isUDP: Bool {
        switch self {
        case .ipInIP, .gre: false
        case .udp, .udpTLV, .udpTLVGRE: true
        }
    }
}
