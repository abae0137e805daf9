// SPDX-License-Identifier: Apache-2.0
import Wire

/// Inner packets as hosts make them.
enum Packets {
    static func udp(_ source: String, _ destination: String, port: UInt16 = 4000, payload: [UInt8] = [1, 2, 3])
        -> [UInt8]
    {
        let (from, to) = (address(source), address(destination))
        let datagram = UDPHeader.datagram(from: (from, port), to: (to, 4001), payload: payload)
        return wrap(from, to, IPProtocol.udp, datagram)
    }

    /// A packet of exactly `length` octets.
    static func udp(_ source: String, _ destination: String, length: Int, dontFragment: Bool = true) -> [UInt8] {
        let headers = (source.contains(":") ? 40 : 20) + 8
        let (from, to) = (address(source), address(destination))
        let payload = (0..<length - headers).map { UInt8(truncatingIfNeeded: $0) }
        let datagram = UDPHeader.datagram(from: (from, 4000), to: (to, 4001), payload: payload)
        return wrap(from, to, IPProtocol.udp, datagram, dontFragment: dontFragment)
    }

    /// A TCP segment with a right checksum.
    static func tcp(_ source: String, _ destination: String, flags: UInt8, options: [UInt8]) -> [UInt8] {
        let (from, to) = (address(source), address(destination))
        var writer = ByteWriter()
        writer.uint16(50000)
        writer.uint16(80)
        writer.uint32(0x1234_5678)
        writer.uint32(0)
        writer.octet(UInt8((20 + options.count) / 4) << 4)
        writer.octet(flags)
        writer.uint16(64240)
        writer.uint16(0)
        writer.uint16(0)
        writer.bytes(options)
        writer.patch(uint16: transportChecksum(from, to, IPProtocol.tcp, writer.octets), at: 16)
        return wrap(from, to, IPProtocol.tcp, writer.octets)
    }

    static func wrap(
        _ source: IPAddress,
        _ destination: IPAddress,
        _ protocolNumber: UInt8,
        _ payload: [UInt8],
        dontFragment: Bool = true
    ) -> [UInt8] {
        switch (source, destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                source: source,
                destination: destination,
                protocolNumber: protocolNumber,
                payloadLength: payload.count,
                dontFragment: dontFragment
            ).octets + payload
        case (.v6(let source), .v6(let destination)):
            IPv6Header(
                source: source,
                destination: destination,
                nextHeader: protocolNumber,
                payloadLength: payload.count
            ).octets + payload
        default: []
        }
    }

    /// The checksum over pseudo-header and payload: 0 if one inside is right.
    static func transportChecksum(
        _ source: IPAddress,
        _ destination: IPAddress,
        _ protocolNumber: UInt8,
        _ payload: [UInt8]
    ) -> UInt16 {
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: source,
            destination: destination,
            protocolNumber: protocolNumber,
            length: payload.count
        )
        checksum.add(payload)
        return checksum.value
    }

    static func octets(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.filter { !$0.isWhitespace }
        var octets: [UInt8] = []
        var index = digits.startIndex
        while index < digits.endIndex {
            let next = digits.index(index, offsetBy: 2)
            octets.append(UInt8(digits[index..<next], radix: 16) ?? 0)
            index = next
        }
        return octets
    }
}
