// SPDX-License-Identifier: Apache-2.0

/// A message between a DHCPv6 relay agent and a server, with that of a client in it (RFC 8415 §9).
///
/// ```
/// | msg-type (1) | hop-count (1) | link-address (16) | peer-address (16) | options |
/// ```
package struct DHCPv6RelayMessage: Equatable, Sendable {
    package enum Direction: UInt8, CaseIterable, Sendable {
        /// RELAY-FORW: to the server.
        case forward = 12
        /// RELAY-REPL: from it.
        case reply = 13
    }

    package var direction: Direction
    /// How many relay agents have forwarded the message before.
    package var hopCount: UInt8
    /// Tells the server which link the client is on.
    package var link: IPv6Address
    /// Where the message came from, or goes to.
    package var peer: IPv6Address
    package var options: [DHCPv6Option]

    package init(
        _ direction: Direction,
        hopCount: UInt8 = 0,
        link: IPv6Address,
        peer: IPv6Address,
        _ options: [DHCPv6Option]
    ) {
        self.direction = direction
        self.hopCount = hopCount
        self.link = link
        self.peer = peer
        self.options = options
    }

    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        let code = try reader.octet("msg-type")
        guard let direction = Direction(rawValue: code) else {
            throw DecodeError(.badValue(UInt64(code)), field: "msg-type", offset: 0)
        }
        self.direction = direction
        hopCount = try reader.octet("hop-count")
        link = try reader.ipv6Address("link-address")
        peer = try reader.ipv6Address("peer-address")
        options = try DHCPv6Option.all(decoding: &reader, within: .relayMessage)
    }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.octet(direction.rawValue)
        writer.octet(hopCount)
        writer.ipv6Address(link)
        writer.ipv6Address(peer)
        for option in options { option.encode(into: &writer) }
        return writer.octets
    }

    // MARK: Options that a message has once at most; of several the first counts.

    /// The client's message, or that of a relay agent before this one.
    package var relayed: [UInt8]? {
        for case .relayMessage(let octets) in options { return octets }
        return nil
    }

    /// What the relay agent calls the client's link (RFC 8415 §21.18).
    package var interface: [UInt8]? {
        for case .interfaceIdentifier(let identifier) in options { return identifier }
        return nil
    }

    /// What the relay agent calls the client (RFC 4649 §3).
    package var remote: [UInt8]? {
        for case .remoteIdentifier(_, let identifier) in options { return identifier }
        return nil
    }
}
