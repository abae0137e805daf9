// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// The server's side of DHCP on one link: UDP port 67, and answers to port 68 (RFC 2131 §4.1).
package final class DHCPSocket {
    private static let server: UInt16 = 67
    private static let client: UInt16 = 68
    /// More than a client may send without having asked how much we take (RFC 2131 §2).
    private static let messageOctets = 1500
    private static let messagesPerCall = 64

    private let file: FileDescriptor
    private let subject: String

    package var fd: Int32 { file.raw }

    /// Throws `EADDRINUSE` if the link has a DHCP server already.
    package init(device: String) throws(SystemError) {
        subject = "dhcp on \(device)"
        file = try FileDescriptor.socket(.ipv4, SOCK_DGRAM, Int32(IPPROTO_UDP), subject)
        try file.set(Int(SOL_SOCKET), SO_BROADCAST, to: 1, subject)
        try file.bind(toDevice: device, subject)
        try file.bind(to: SocketAddress(.v4(.zero), port: DHCPSocket.server), subject)
    }

    /// The messages that have arrived, 64 at most; empty if none has.
    package func receive() -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var octets = [UInt8](repeating: 0, count: DHCPSocket.messageOctets)
        for _ in 0..<DHCPSocket.messagesPerCall {
            switch file.receiveMessage(into: &octets) {
            case .none: return messages
            case .failed: continue
            case .received(let count, _, _): messages.append(Array(octets.prefix(count)))
            }
        }
        return messages
    }

    /// To a client at the address, which may be 255.255.255.255. Throws `ENETUNREACH` while the link has no address.
    package func send(_ octets: [UInt8], to address: IPv4Address) throws(SystemError) {
        try file.send(octets, from: nil, to: SocketAddress(.v4(address), port: DHCPSocket.client), subject)
    }
}
