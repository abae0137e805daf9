// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// DHCPv6 between a relay agent and a server that a tunnel device joins: UDP port 547 on both sides (RFC 8415 §19).
package final class DHCPv6RelaySocket {
    package struct Message: Equatable, Sendable {
        package let octets: [UInt8]
        package let source: IPv6Address
    }

    private static let port: UInt16 = 547
    /// RFC 5082 §3: the ends of the tunnel say it themselves; what either has only passed on has a lower one.
    private static let hopLimit: Int32 = 255
    private static let messageOctets = 4096
    private static let messagesPerCall = 64

    private let file: FileDescriptor
    private let subject: String

    package var fd: Int32 { file.raw }

    /// At one of the machine's own addresses, for what comes by the device alone.
    package init(device: String, address: IPv6Address) throws(SystemError) {
        subject = "dhcpv6 at \(address) on \(device)"
        file = try FileDescriptor.socket(.ipv6, SOCK_DGRAM, Int32(IPPROTO_UDP), subject)
        let level = Int(IPPROTO_IPV6)
        try file.set(level, IPV6_V6ONLY, to: 1, subject)
        try file.bind(toDevice: device, subject)
        try file.set(level, IPV6_UNICAST_HOPS, to: Self.hopLimit, subject)
        try file.set(level, IPV6_RECVHOPLIMIT, to: 1, subject)
        try file.bind(to: SocketAddress(.v6(address), port: Self.port), subject)
    }

    /// The messages that have arrived from the other end, 64 at most; empty if none has.
    package func receive() -> [Message] {
        var messages: [Message] = []
        var octets = [UInt8](repeating: 0, count: Self.messageOctets)
        for _ in 0..<Self.messagesPerCall {
            switch file.receiveMessage(into: &octets) {
            case .none: return messages
            case .failed: continue
            case .received(let count, let address, let ancillary):
                guard case .v6(let source) = address, ancillary.hopLimit == UInt8(Self.hopLimit) else { continue }
                messages.append(Message(octets: Array(octets.prefix(count)), source: source))
            }
        }
        return messages
    }

    package func send(_ octets: [UInt8], to address: IPv6Address) throws(SystemError) {
        try file.send(octets, from: nil, to: SocketAddress(.v6(address), port: Self.port), subject)
    }
}
