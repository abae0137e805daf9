// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Carries the tunnels' packets: GRE as an IP protocol of its own (RFC 2784), or UDP.
///
/// The outer packet may be fragmented by the kernel and by routers: DF is never set.
package final class TunnelSocket {
    package enum Kind: Hashable, Sendable {
        /// IP protocol 47.
        case gre
        case udp(port: UInt16)
    }

    private static let bufferOctets: Int32 = 4 << 20

    package let kind: Kind
    package let family: AddressFamily
    /// What errors call it: `gre over ipv6 on wan1`.
    package let subject: String
    private let file: FileDescriptor

    package var fd: Int32 { file.raw }

    /// Receives on one address, or all; on one link, or all.
    package init(
        _ kind: Kind,
        over family: AddressFamily,
        boundTo address: IPAddress? = nil,
        device: String? = nil
    ) throws(SystemError) {
        self.kind = kind
        self.family = family
        let port: UInt16
        switch kind {
        case .gre:
            subject = FileDescriptor.subject("gre over \(family)", address, device)
            file = try FileDescriptor.socket(family, SOCK_RAW, Int32(IPPROTO_GRE), subject)
            port = 0
        case .udp(let own):
            subject = FileDescriptor.subject("udp \(own) over \(family)", address, device)
            file = try FileDescriptor.socket(family, SOCK_DGRAM, Int32(IPPROTO_UDP), subject)
            port = own
        }
        guard address.map({ AddressFamily(of: $0) == family }) ?? true else {
            throw SystemError(call: "bind", errno: EAFNOSUPPORT, subject: subject)
        }
        // The IPv4 socket on the same port is one of its own.
        if family == .ipv6, port != 0 { try file.set(Int(IPPROTO_IPV6), IPV6_V6ONLY, to: 1, subject) }
        try file.requestPacketInformation(family, subject)
        try file.allowFragmentation(family, subject)
        try file.setBuffers(TunnelSocket.bufferOctets, subject)
        try file.bind(toDevice: device, subject)
        let unspecified: IPAddress = family == .ipv4 ? .v4(.zero) : .v6(.zero)
        if address != nil || port != 0 {
            try file.bind(to: SocketAddress(address ?? unspecified, port: port), subject)
        }
    }

    /// Fills the batch's slots with what has arrived, `limit` at most; the number of packets, zero if nothing has.
    package func receive(into batch: ReceiveBatch, limit: Int = ReceiveBatch.capacity) -> Int {
        // Raw IPv4 sockets, unlike all others, deliver the IP header.
        batch.receive(from: file, stripIPv4Header: kind == .gre && family == .ipv4, limit: limit)
    }
}
