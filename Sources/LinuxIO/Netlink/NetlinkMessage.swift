// SPDX-License-Identifier: Apache-2.0

/// One message of the kernel's: its header's fields and what follows.
package struct NetlinkMessage {
    static let headerSize = 16

    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let body: ArraySlice<UInt8>

    /// Splits what one call received. A malformed message ends the reading.
    package static func split(_ octets: ArraySlice<UInt8>) -> [NetlinkMessage] {
        let reader = NetlinkReader(octets)
        var messages: [NetlinkMessage] = []
        var offset = 0
        while let length = reader.uint32(at: offset), let type = reader.uint16(at: offset + 4),
            let flags = reader.uint16(at: offset + 6), let sequence = reader.uint32(at: offset + 8),
            let body = reader.slice(offset + headerSize, offset + Int(length))
        {
            messages.append(NetlinkMessage(type: type, flags: flags, sequence: sequence, body: body))
            offset += (Int(length) + 3) & ~3
        }
        return messages
    }
}
