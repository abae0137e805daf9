// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// A DHCP relay agent's side towards servers: UDP port 67 at both ends (RFC 1542 §4.1).
package final class DHCPRelaySocket {
    package struct Message: Equatable, Sendable {
        package let octets: [UInt8]
        package let source: IPv4Address
    }

    private static let server: UInt16 = 67
    private static let subject = "dhcp relay"
    /// More than a server's message has that is not fragmented.
    private static let messageOctets = 2048
    private static let messagesPerCall = 64

    private let file: FileDescriptor

    package var fd: Int32 { file.raw }

    /// Throws `EADDRINUSE` if a DHCP server runs on this machine.
    package init() throws(SystemError) {
        file = try FileDescriptor.socket(.ipv4, SOCK_DGRAM, Int32(IPPROTO_UDP), Self.subject)
        try file.bind(to: SocketAddress(.v4(.zero), port: Self.server), Self.subject)
    }

    /// The messages that have arrived, 64 at most; empty if none has.
    package func receive() -> [Message] {
        var messages: [Message] = []
        var octets = [UInt8](repeating: 0, count: Self.messageOctets)
        for _ in 0..<Self.messagesPerCall {
            switch file.receiveMessage(into: &octets) {
            case .none: return messages
            case .failed: continue
            case .received(let count, let address, _):
                guard case .v4(let source) = address else { continue }
                messages.append(Message(octets: Array(octets.prefix(count)), source: source))
            }
        }
        return messages
    }

    package func send(_ octets: [UInt8], from source: IPv4Address, to server: IPv4Address) throws(SystemError) {
        try file.send(octets, from: .v4(source), to: SocketAddress(.v4(server), port: Self.server), Self.subject)
    }

    /// The address of this machine by which the kernel reaches the server. Throws `ENETUNREACH` if it does not.
    package static func source(towards server: IPv4Address) throws(SystemError) -> IPv4Address {
        let subject = "the way to \(server)"
        let file = try FileDescriptor.socket(.ipv4, SOCK_DGRAM, Int32(IPPROTO_UDP), subject)
        try file.connect(to: SocketAddress(.v4(server), port: Self.server), subject)
        guard case .v4(let address) = try file.localAddress(subject) else { return .zero }
        return address
    }
}
