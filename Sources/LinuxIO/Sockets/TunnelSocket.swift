// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Carries the tunnels' packets: IP in IP (RFC 2473), GRE as an IP protocol of its own (RFC 2784), or UDP.
///
/// The outer packet may be fragmented by the kernel and by routers: DF is set in probes of the path's size only. On a socket that is bound
/// to a device, IPv4 takes a destination without a route for one on the link, so that no error tells of it.
package final class TunnelSocket {
    package enum Kind: Hashable, Sendable {
        /// IP protocol 4: what follows is an IPv4 packet.
        case ipv4
        /// IP protocol 41: what follows is an IPv6 packet.
        case ipv6
        /// IP protocol 47.
        case gre
        case udp(port: UInt16)

        fileprivate var name: String {
            switch self {
            case .ipv4: "ipv4 in ip"
            case .ipv6: "ipv6 in ip"
            case .gre: "gre"
            case .udp(let port): "udp \(port)"
            }
        }

        fileprivate var protocolNumber: Int32 {
            switch self {
            case .ipv4: Int32(IPProtocol.ipv4)
            case .ipv6: Int32(IPProtocol.ipv6)
            case .gre: Int32(IPProtocol.gre)
            case .udp: Int32(IPProtocol.udp)
            }
        }

        /// 0 without UDP.
        fileprivate var port: UInt16 { if case .udp(let port) = self { port } else { 0 } }
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
        let port = kind.port
        subject = FileDescriptor.subject("\(kind.name) over \(family)", address, device)
        file = try FileDescriptor.socket(family, port == 0 ? SOCK_RAW : SOCK_DGRAM, kind.protocolNumber, subject)
        guard address.map({ AddressFamily(of: $0) == family }) ?? true else {
            throw SystemError(call: "bind", errno: EAFNOSUPPORT, subject: subject)
        }
        // The IPv4 socket on the same port is one of its own.
        if family == .ipv6, port != 0 { try file.set(Int(IPPROTO_IPV6), IPV6_V6ONLY, to: 1, subject) }
        try file.requestPacketInformation(family, subject)
        try file.requestTrafficClass(family, subject)
        try file.requestArrivalTime(subject)
        try file.allowFragmentation(family, subject)
        try file.setBuffers(TunnelSocket.bufferOctets, subject)
        try file.bind(toDevice: device, subject)
        let unspecified: IPAddress = family == .ipv4 ? .v4(.zero) : .v6(.zero)
        if address != nil || port != 0 {
            try file.bind(to: SocketAddress(address ?? unspecified, port: port), subject)
        }
    }

    /// Sends the batch in packets that nobody fragments: what does not fit somewhere is lost, which is told of the link
    /// only. What else is sent meanwhile is sent so, too.
    package func sendWhole(_ batch: SendBatch) throws(SystemError) -> SendOutcome {
        try file.forbidFragmentation(family, subject)
        let outcome = batch.flush(on: self)
        try file.allowFragmentation(family, subject)
        return outcome
    }

    /// Fills the batch's slots with what has arrived, `limit` at most; the number of packets, zero if nothing has.
    package func receive(into batch: ReceiveBatch, limit: Int = ReceiveBatch.capacity) -> Int {
        // Raw IPv4 sockets, unlike all others, deliver the IP header.
        batch.receive(from: file, stripIPv4Header: kind.port == 0 && family == .ipv4, limit: limit)
    }
}
