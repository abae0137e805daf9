// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Hears when a router has dropped an IPv6 packet of ours because it was too large (RFC 4443 §3.2). Over IPv4 tunnels'
/// packets may be fragmented on their way, so that nothing is dropped.
package final class TooBigSocket {
    private static let packetTooBig = 2
    /// Type, code, checksum and MTU; then the packet itself, whose destination stands behind 24 octets.
    private static let destination = 8 + 24
    /// No message about a packet is larger than every link of IPv6 carries.
    private static let messageOctets = 1280
    private static let messagesPerCall = 64

    private let file: FileDescriptor

    package var fd: Int32 { file.raw }

    package init() throws(SystemError) {
        let subject = "icmpv6 packet too big"
        file = try FileDescriptor.socket(.ipv6, SOCK_RAW, Int32(IPPROTO_ICMPV6), subject)
        try file.passOnly(TooBigSocket.packetTooBig, subject)
    }

    /// Where the dropped packets were going, as the messages that have arrived say; anybody can send such a message.
    package func receive() -> [IPv6Address] {
        var destinations: [IPv6Address] = []
        var octets = [UInt8](repeating: 0, count: TooBigSocket.messageOctets)
        for _ in 0..<TooBigSocket.messagesPerCall {
            switch file.receiveMessage(into: &octets) {
            case .none: return destinations
            case .failed: continue
            case .received(let count, _, _):
                let end = TooBigSocket.destination + 16
                guard min(count, octets.count) >= end else { continue }
                octets.withUnsafeBytes { destinations.append(IPv6Address(memory: $0, at: TooBigSocket.destination)) }
            }
        }
        return destinations
    }
}
