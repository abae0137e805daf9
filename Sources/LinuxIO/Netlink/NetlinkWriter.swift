// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Writes the body of a netlink message: numbers in the machine's order, attributes padded to four octets.
struct NetlinkWriter {
    private(set) var octets: [UInt8] = []

    mutating func uint8(_ value: UInt8) { octets.append(value) }
    mutating func uint16(_ value: UInt16) { withUnsafeBytes(of: value) { octets += $0 } }
    mutating func uint32(_ value: UInt32) { withUnsafeBytes(of: value) { octets += $0 } }
    mutating func zeros(_ count: Int) { octets += repeatElement(0, count: count) }

    mutating func attribute(_ type: Int, _ body: [UInt8]) {
        uint16(UInt16(truncatingIfNeeded: body.count + 4))
        uint16(UInt16(truncatingIfNeeded: type))
        octets += body
        zeros((4 - octets.count & 3) & 3)
    }

    mutating func attribute(_ type: Int, _ value: UInt32) {
        attribute(type, withUnsafeBytes(of: value) { Array($0) })
    }

    mutating func attribute(_ type: Int, _ address: IPAddress) { attribute(type, address.octets) }

    /// Text with the zero octet that the kernel expects.
    mutating func attribute(_ type: Int, _ text: String) { attribute(type, Array(text.utf8) + [0]) }
}
