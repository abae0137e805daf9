// SPDX-License-Identifier: Apache-2.0

/// A message between a DHCP client and a server, as UDP carries it (RFC 2131 §2).
///
/// ```
/// | op (1) | htype (1) | hlen (1) | hops (1) |
/// | xid (4) | secs (2) | flags (2)           |
/// | ciaddr, yiaddr, siaddr, giaddr (4 each)  |
/// | chaddr (16) | sname (64) | file (128)    |
/// | magic cookie (4) | options               |
/// ```
package struct DHCPMessage: Equatable, Sendable {
    package enum Operation: UInt8, Sendable {
        case request = 1
        case reply = 2
    }

    package static let ethernet: UInt8 = 1
    private static let cookie: UInt32 = 0x6382_5363
    /// What every relay and client can take (RFC 951 §3).
    private static let shortest = 300

    package var operation: Operation
    package var hardwareType = Self.ethernet
    package var hops: UInt8 = 0
    package var transaction: UInt32
    package var seconds: UInt16 = 0
    /// The client cannot receive before it has its address (the flag B).
    package var wantsBroadcast = false
    /// What the client has already [ciaddr].
    package var clientAddress = IPv4Address.zero
    /// What the client gets [yiaddr].
    package var yourAddress = IPv4Address.zero
    /// From where the client may boot [siaddr].
    package var nextServer = IPv4Address.zero
    /// Of the relay between the two [giaddr].
    package var relayAddress = IPv4Address.zero
    /// Of the client, at most 16 octets [chaddr].
    package var hardwareAddress: [UInt8]
    /// Of the server, at most 64 octets [sname]; zeros at the end are not part of it.
    package var serverName: [UInt8] = []
    /// What the client boots, at most 128 octets [file]; likewise.
    package var bootFile: [UInt8] = []
    package var options = DHCPOptions()

    package init(_ operation: Operation, transaction: UInt32, hardwareAddress: [UInt8]) {
        self.operation = operation
        self.transaction = transaction
        self.hardwareAddress = hardwareAddress
    }

    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        let code = try reader.octet("op")
        guard let operation = Operation(rawValue: code) else {
            throw DecodeError(.badValue(UInt64(code)), field: "op", offset: 0)
        }
        self.operation = operation
        hardwareType = try reader.octet("htype")
        let length = try reader.octet("hlen")
        guard length <= 16 else { throw DecodeError(.badLength(Int(length)), field: "hlen", offset: 2) }
        hops = try reader.octet("hops")
        transaction = try reader.uint32("xid")
        seconds = try reader.uint16("secs")
        // The other bits are to be ignored (RFC 2131 §2).
        wantsBroadcast = try reader.uint16("flags") & 0x8000 != 0
        clientAddress = try reader.ipv4Address("ciaddr")
        yourAddress = try reader.ipv4Address("yiaddr")
        nextServer = try reader.ipv4Address("siaddr")
        relayAddress = try reader.ipv4Address("giaddr")
        hardwareAddress = Array(try reader.octets(16, "chaddr").prefix(Int(length)))
        var name = try reader.slice(64, "sname")
        var file = try reader.slice(128, "file")
        let cookie = try reader.uint32("magic cookie")
        guard cookie == Self.cookie else {
            throw DecodeError(.badValue(UInt64(cookie)), field: "magic cookie", offset: 236)
        }
        try options.read(&reader)
        // RFC 2132 §9.3: then those two fields hold options as well, the file's first (RFC 3396 §5).
        let overload = options[.overload]?.first ?? 0
        if overload & 1 != 0 { try options.read(&file) } else { bootFile = Self.text(file.rest()) }
        if overload & 2 != 0 { try options.read(&name) } else { serverName = Self.text(name.rest()) }
        // It is about these octets only, and within those two fields means nothing.
        options[.overload] = nil
    }

    private static func text(_ octets: [UInt8]) -> [UInt8] {
        Array(octets.prefix((octets.lastIndex { $0 != 0 } ?? -1) + 1))
    }

    package var octets: [UInt8] {
        var writer = ByteWriter(capacity: Self.shortest)
        writer.octet(operation.rawValue)
        writer.octet(hardwareType)
        let hardware = hardwareAddress.prefix(16)
        writer.octet(UInt8(hardware.count))
        writer.octet(hops)
        writer.uint32(transaction)
        writer.uint16(seconds)
        writer.uint16(wantsBroadcast ? 0x8000 : 0)
        for address in [clientAddress, yourAddress, nextServer, relayAddress] { writer.ipv4Address(address) }
        writer.bytes(hardware)
        writer.zeros(16 - hardware.count)
        for (text, size) in [(serverName, 64), (bootFile, 128)] {
            writer.bytes(text.prefix(size))
            writer.zeros(size - min(size, text.count))
        }
        writer.uint32(Self.cookie)
        options.write(into: &writer)
        writer.zeros(Self.shortest - writer.count)
        return writer.octets
    }

    /// nil where there is none, or none that we know.
    package var type: DHCPMessageType? {
        get {
            guard let content = options[.messageType], content.count == 1, let code = content.first else { return nil }
            return DHCPMessageType(rawValue: code)
        }
        set { options[.messageType] = newValue.map { [$0.rawValue] } }
    }
}
