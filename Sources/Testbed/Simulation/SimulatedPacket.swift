// SPDX-License-Identifier: Apache-2.0
import Wire

/// The headers of a simulated host's packet, and the mark by which the simulation knows what it says: in TCP where the time
/// stamps stand, in UDP the first octets of the payload.
enum SimulatedPacket {
    /// IPv4, TCP and its time stamps.
    static let tcpOverhead = 20 + 20 + 12

    static func header(
        from source: IPv4Address,
        to destination: IPv4Address,
        isTCP: Bool,
        ports: (source: UInt16, destination: UInt16),
        payload: Int,
        codePoint: UInt8,
        mark: UInt64
    ) -> [UInt8] {
        let length = payload + (isTCP ? 32 : 8)
        var header = IPv4Header(
            source: source,
            destination: destination,
            protocolNumber: isTCP ? IPProtocol.tcp : IPProtocol.udp,
            payloadLength: length,
            dontFragment: true
        )
        header.typeOfService = codePoint << 2
        var writer = ByteWriter()
        writer.bytes(header.octets)
        writer.uint16(ports.source)
        writer.uint16(ports.destination)
        if isTCP {
            writer.uint64(0)
            writer.octet(8 << 4)
            // ACK
            writer.octet(0x10)
            writer.zeros(6)
            writer.bytes([1, 1, 8, 10])
        } else {
            writer.uint16(UInt16(clamping: length))
            writer.uint16(0)
        }
        writer.uint64(mark)
        return writer.octets
    }

    /// The mark, and the port of the host in the Internet.
    static func mark(of octets: [UInt8]) -> (mark: UInt64, port: UInt16)? {
        guard octets.count >= 36 else { return nil }
        let isTCP = octets[9] == IPProtocol.tcp
        let place = isTCP ? 44 : 28
        guard octets.count >= place + 8 else { return nil }
        let mark = octets[place..<place + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let ports = [0, 2].map { UInt16(octets[20 + $0]) << 8 | UInt16(octets[21 + $0]) }
        return (mark, ports[0] == 40000 ? ports[1] : ports[0])
    }
}
