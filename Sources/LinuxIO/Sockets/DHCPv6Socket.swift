// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// The server's side of DHCPv6 on one link: UDP port 547, and answers to port 546 (RFC 8415 §7.2).
package final class DHCPv6Socket {
    package struct Message: Equatable, Sendable {
        package let octets: [UInt8]
        package let source: IPv6Address
        /// Whether it was sent to an address of this machine alone.
        package let isUnicast: Bool
    }

    private static let server: UInt16 = 547
    private static let client: UInt16 = 546
    /// More than a client's message has that is not fragmented.
    private static let messageOctets = 2048
    private static let messagesPerCall = 64

    private let file: FileDescriptor
    private let interface: UInt32
    private let subject: String

    package var fd: Int32 { file.raw }

    /// Throws `EADDRINUSE` if the link has a DHCPv6 server already.
    package init(device: String) throws(SystemError) {
        subject = "dhcpv6 on \(device)"
        interface = if_nametoindex(device)
        guard interface != 0 else { throw SystemError(call: "if_nametoindex", subject: device) }
        file = try FileDescriptor.socket(.ipv6, SOCK_DGRAM, Int32(IPPROTO_UDP), subject)
        try file.set(Int(IPPROTO_IPV6), IPV6_V6ONLY, to: 1, subject)
        try file.bind(toDevice: device, subject)
        try file.requestPacketInformation(.ipv6, subject)
        try file.bind(to: SocketAddress(.v6(.zero), port: DHCPv6Socket.server), subject)
        try file.join(.allDHCPAgents, on: interface, subject)
    }

    /// The messages that have arrived, 64 at most; empty if none has.
    package func receive() -> [Message] {
        var messages: [Message] = []
        var octets = [UInt8](repeating: 0, count: DHCPv6Socket.messageOctets)
        for _ in 0..<DHCPv6Socket.messagesPerCall {
            switch file.receiveMessage(into: &octets) {
            case .none: return messages
            case .failed: continue
            case .received(let count, let address, let ancillary):
                guard case .v6(let source) = address, case .v6(let destination) = ancillary.destination else {
                    continue
                }
                messages.append(
                    Message(
                        octets: Array(octets.prefix(count)),
                        source: source,
                        isUnicast: !destination.isMulticast
                    )
                )
            }
        }
        return messages
    }

    /// To a client at the link-local address.
    package func send(_ octets: [UInt8], to address: IPv6Address) throws(SystemError) {
        try file.send(
            octets,
            from: nil,
            to: SocketAddress(.v6(address), port: DHCPv6Socket.client, scope: interface),
            subject
        )
    }
}
