// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the headers between outer IP header and inner packet say, whatever the encapsulation.
struct TunnelHeader: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        case ipv4, ipv6
        /// A `PathProbe`.
        case probe

        /// Of the inner packet in IP and TLV headers; a probe without GRE is wrapped in IPv6.
        var protocolNumber: UInt8 { self == .ipv4 ? IPProtocol.ipv4 : IPProtocol.ipv6 }

        /// In GRE (RFC 2784 §2.4).
        var protocolType: UInt16 {
            switch self {
            case .ipv4: GREHeader.ipv4
            case .ipv6: GREHeader.ipv6
            case .probe: GREHeader.pathProbe
            }
        }

        init?(protocolType: UInt16) {
            switch protocolType {
            case GREHeader.ipv4: self = .ipv4
            case GREHeader.ipv6: self = .ipv6
            case GREHeader.pathProbe: self = .probe
            default: return nil
            }
        }
    }

    var content: Content
    /// Both stand in GRE only.
    var key: UInt32?
    var sequence: UInt32?

    init(content: Content, key: UInt32? = nil, sequence: UInt32? = nil) {
        self.content = content
        self.key = key
        self.sequence = sequence
    }

    /// Of a packet without GRE: a probe is told by its envelope, which is taken off.
    init(_ content: Content, taking slot: inout Slot, in arena: borrowing PacketArena) {
        self.init(content: content)
        guard content == .ipv6, arena.withBytes(slot, { ProbeEnvelope.holdsProbe($0) }) else { return }
        slot.drop(IPv6Header.length)
        self.content = .probe
    }
}

extension GREHeader {
    init(_ header: TunnelHeader) {
        self.init(protocolType: header.content.protocolType, key: header.key, sequence: header.sequence)
    }
}
