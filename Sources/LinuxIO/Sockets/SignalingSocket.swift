// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Carries mobility messages: as an IPv6 header of its own kind (RFC 6275 §6.1), or over UDP (RFC 5844 §4, and its
/// like over IPv6). The kernel fills and checks the mobility header's checksum where it is an IPv6 header.
package final class SignalingSocket {
    package enum Kind: Hashable, Sendable {
        /// IPv6 next header 135.
        case mobilityHeader
        case udp(port: UInt16)
    }

    private static let mobilityHeaderProtocol: Int32 = 135
    /// Some 20,000 messages: a tenth of a second of a flood, for which the reader may not get a processor. What finds it full
    /// is lost whoever sent it.
    private static let bufferOctets: Int32 = 8 << 20
    /// A mobility header has at most 256 × 8 octets (RFC 6275 §6.1.1).
    private static let messageOctets = 2304

    package let kind: Kind
    private let family: AddressFamily
    /// What errors call it: `udp 5436 on wan1`.
    package let subject: String
    /// Messages longer than any mobility header, which were thrown away.
    package private(set) var oversized: UInt64 = 0
    private let file: FileDescriptor
    private let batch = ReceiveBatch()
    private let memory: UnsafeMutableRawBufferPointer

    package var fd: Int32 { file.raw }

    /// Receives on one address, or all; on one link, or all. UDP without an address is over IPv4.
    package init(_ kind: Kind, boundTo address: IPAddress? = nil, device: String? = nil) throws(SystemError) {
        self.kind = kind
        switch kind {
        case .mobilityHeader:
            family = .ipv6
            subject = FileDescriptor.subject("mobility header", address, device)
            file = try FileDescriptor.socket(.ipv6, SOCK_RAW, SignalingSocket.mobilityHeaderProtocol, subject)
        case .udp(let port):
            family = address.map { AddressFamily(of: $0) } ?? .ipv4
            subject = FileDescriptor.subject("udp \(port)", address, device)
            file = try FileDescriptor.socket(family, SOCK_DGRAM, Int32(IPPROTO_UDP), subject)
            // The IPv4 socket on the same port is one of its own.
            if family == .ipv6 { try file.set(Int(IPPROTO_IPV6), IPV6_V6ONLY, to: 1, subject) }
        }
        memory = .allocate(byteCount: ReceiveBatch.capacity * SignalingSocket.messageOctets, alignment: 8)
        for index in 0..<ReceiveBatch.capacity {
            let start = index * SignalingSocket.messageOctets
            let slot = memory[start...].prefix(SignalingSocket.messageOctets)
            batch.provide(UnsafeMutableRawBufferPointer(rebasing: slot), at: index)
        }
        try file.requestPacketInformation(family, subject)
        try file.allowFragmentation(family, subject)
        try file.setBuffers(SignalingSocket.bufferOctets, subject)
        try file.bind(toDevice: device, subject)
        switch kind {
        case .mobilityHeader:
            if let address { try file.bind(to: SocketAddress(address), subject) }
        case .udp(let port):
            try file.bind(to: SocketAddress(address ?? .v4(.zero), port: port), subject)
        }
    }

    deinit { memory.deallocate() }

    /// What has arrived, 64 messages at most; empty if nothing has.
    package func receive() -> [ReceivedMessage] {
        let count = batch.receive(from: file, stripIPv4Header: false)
        var messages: [ReceivedMessage] = []
        messages.reserveCapacity(count)
        for index in 0..<count {
            let packet = batch[index]
            guard !packet.isTruncated else {
                oversized &+= 1
                continue
            }
            guard let source = packet.source, let destination = packet.destination else { continue }
            let start = index * SignalingSocket.messageOctets + packet.start
            messages.append(
                ReceivedMessage(
                    octets: Array(memory[start..<(start + packet.count)]),
                    source: source,
                    port: packet.sourcePort,
                    destination: destination,
                    interface: packet.interface
                )
            )
        }
        return messages
    }

    /// Sends one message; the kernel chooses the source if none is given. `port` is UDP's, the socket's own
    /// if none is given. Throws what the kernel says, such as `ENETUNREACH`.
    package func send(
        _ octets: [UInt8],
        from source: IPAddress?,
        to destination: IPAddress,
        port: UInt16? = nil
    ) throws(SystemError) {
        let destinationPort: UInt16
        switch kind {
        case .mobilityHeader: destinationPort = 0
        case .udp(let own): destinationPort = port ?? own
        }
        let families = [source, destination].compactMap { $0.map { AddressFamily(of: $0) } }
        guard families.allSatisfy({ $0 == family }) else {
            throw SystemError(call: "send", errno: EAFNOSUPPORT, subject: "\(subject) to \(destination)")
        }
        try file.send(octets, from: source, to: SocketAddress(destination, port: destinationPort), subject)
    }
}
