// SPDX-License-Identifier: Apache-2.0

/// Address resolution of IPv4 on Ethernet (RFC 826).
///
/// ```
/// |   Hardware Type = 1           |   Protocol Type = 0x0800      |
/// |   6           |   4           |   Operation                   |
/// |   Sender: link-layer address (6), IPv4 address (4)            |
/// |   Target: link-layer address (6), IPv4 address (4)            |
/// ```
package struct ARPPacket: Equatable, Sendable {
    package enum Operation: UInt16, Sendable {
        case request = 1
        case reply = 2
    }

    private static let ethernet: UInt16 = 1
    private static let ipv4: UInt16 = 0x0800

    package var operation: Operation
    package var senderLink: LinkLayerAddress
    /// Zero in a probe whether the target is free (RFC 5227 §2.1.1).
    package var sender: IPv4Address
    package var targetLink: LinkLayerAddress
    package var target: IPv4Address

    package init(
        _ operation: Operation,
        senderLink: LinkLayerAddress,
        sender: IPv4Address,
        targetLink: LinkLayerAddress,
        target: IPv4Address
    ) {
        self.operation = operation
        self.senderLink = senderLink
        self.sender = sender
        self.targetLink = targetLink
        self.target = target
    }

    /// Padding behind it is allowed.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        let hardware = try reader.uint16("Hardware Type")
        guard hardware == Self.ethernet else {
            throw DecodeError(.badValue(UInt64(hardware)), field: "Hardware Type", offset: 0)
        }
        let protocolType = try reader.uint16("Protocol Type")
        guard protocolType == Self.ipv4 else {
            throw DecodeError(.badValue(UInt64(protocolType)), field: "Protocol Type", offset: 2)
        }
        let lengths = try reader.uint16("lengths")
        guard lengths == 0x0604 else { throw DecodeError(.badValue(UInt64(lengths)), field: "lengths", offset: 4) }
        let code = try reader.uint16("Operation")
        guard let operation = Operation(rawValue: code) else {
            throw DecodeError(.badValue(UInt64(code)), field: "Operation", offset: 6)
        }
        self.operation = operation
        senderLink = try reader.linkLayerAddress("sender's link-layer address")
        sender = IPv4Address(try reader.uint32("sender"))
        targetLink = try reader.linkLayerAddress("target's link-layer address")
        target = IPv4Address(try reader.uint32("target"))
    }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.uint16(Self.ethernet)
        writer.uint16(Self.ipv4)
        writer.uint16(0x0604)
        writer.uint16(operation.rawValue)
        writer.bytes(senderLink.octets)
        writer.uint32(sender.value)
        writer.bytes(targetLink.octets)
        writer.uint32(target.value)
        return writer.octets
    }
}
