// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// ICMPv6 on one access link, as a router needs it: router solicitations in, router advertisements out.
///
/// The kernel fills and checks the checksum (RFC 3542 §3.1).
package final class AccessLinkSocket {
    /// A message and what must be checked about it (RFC 4861 §6.1.1).
    package struct Message: Equatable, Sendable {
        package let octets: [UInt8]
        package let source: IPv6Address
        /// 255 if it comes from this link; nil if the kernel did not tell.
        package let hopLimit: UInt8?
    }

    private static let routerSolicitation = 133
    private static let hopLimit: Int32 = 255
    private static let messageOctets = 2048
    private static let messagesPerCall = 64

    package let device: String
    package let interface: InterfaceIndex
    private let file: FileDescriptor
    /// Asked for the link's own address.
    private let netlink: NetlinkSocket

    package var fd: Int32 { file.raw }

    package init(device: String) throws(SystemError) {
        self.device = device
        let subject = "icmpv6 on \(device)"
        let index = if_nametoindex(device)
        guard index != 0 else { throw SystemError(call: "if_nametoindex", subject: device) }
        interface = InterfaceIndex(index)
        netlink = try NetlinkSocket()
        file = try FileDescriptor.socket(.ipv6, SOCK_RAW, Int32(IPPROTO_ICMPV6), subject)
        let level = Int(IPPROTO_IPV6)
        try file.bind(toDevice: device, subject)
        try file.passOnly(AccessLinkSocket.routerSolicitation, subject)
        try file.set(level, IPV6_UNICAST_HOPS, to: AccessLinkSocket.hopLimit, subject)
        try file.set(level, IPV6_MULTICAST_HOPS, to: AccessLinkSocket.hopLimit, subject)
        try file.set(level, IPV6_MULTICAST_LOOP, to: 0, subject)
        try file.set(level, IPV6_MULTICAST_IF, to: Int32(bitPattern: index), subject)
        try file.set(level, IPV6_RECVHOPLIMIT, to: 1, subject)
        try file.requestPacketInformation(.ipv6, subject)
        try file.join(.allRouters, on: index, subject)
    }

    /// The solicitations that have arrived, 64 at most; empty if none has.
    package func receive() -> [Message] {
        var messages: [Message] = []
        var octets = [UInt8](repeating: 0, count: AccessLinkSocket.messageOctets)
        for _ in 0..<AccessLinkSocket.messagesPerCall {
            switch file.receiveMessage(into: &octets) {
            case .none: return messages
            case .failed: continue
            case .received(let count, let address, let ancillary):
                guard case .v6(let source) = address else { continue }
                messages.append(
                    Message(octets: Array(octets.prefix(count)), source: source, hopLimit: ancillary.hopLimit)
                )
            }
        }
        return messages
    }

    /// Sends on this link, from its link-local address: nothing else may be a router advertisement's source
    /// (RFC 4861 §6.1.2). Throws `EADDRNOTAVAIL` while the link has none that is ready.
    package func send(_ octets: [UInt8], to destination: IPv6Address) throws(SystemError) {
        let subject = "icmpv6 on \(device)"
        let addresses = try netlink.addresses(on: interface)
        let source = addresses.first { $0.isLinkLocal && !$0.isTentative && !$0.isDuplicate }
        guard let source else { throw SystemError(call: "send", errno: EADDRNOTAVAIL, subject: subject) }
        try file.send(
            octets,
            from: source.address,
            interface: interface.value,
            to: SocketAddress(.v6(destination), scope: interface.value),
            subject
        )
    }
}
