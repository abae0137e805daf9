// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// How large a packet may be on its way to a destination (RFC 8201, RFC 1191).
///
/// What routers answer to packets that are too large the kernel believes where it can tell that the packet was sent: of
/// tunnels' packets it cannot, of echo requests it can.
package enum PathSize {
    private static let echoRequest: (ipv4: UInt8, ipv6: UInt8) = (8, 128)
    /// Of an IPv4 echo request that is zero but for its type; the kernel fills in that of an IPv6 one.
    private static let checksum: [UInt8] = [0xF7, 0xFF]

    /// What the kernel knows, by the link, the route, and routers' answers; in octets, IP header included. Throws where
    /// there is no way to the destination.
    package static func octets(
        to destination: IPAddress,
        from source: IPAddress,
        device: String? = nil
    ) throws(SystemError) -> Int {
        let family = AddressFamily(of: destination)
        let subject = FileDescriptor.subject("the way to \(destination)", source, device)
        // Connecting sends nothing, but has the kernel look up the route; only a new socket is sure to look anew.
        let file = try socket(family, SOCK_DGRAM, 0, source, device, subject)
        try file.connect(to: SocketAddress(destination, port: MobilityPort.data), subject)
        let (level, option) = family == .ipv4 ? (Int32(IPPROTO_IP), IP_MTU) : (Int32(IPPROTO_IPV6), IPV6_MTU)
        var size: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try SystemError.check(getsockopt(file.raw, level, option, &size, &length), "getsockopt", subject)
        return Int(size)
    }

    /// Sends an echo request of that size (RFC 5213 §6.9.5), so that a router that it is too large for says so to the
    /// kernel. Nobody waits for the answer. Throws `EMSGSIZE` if the kernel knows already.
    package static func probe(
        _ octets: Int,
        to destination: IPAddress,
        from source: IPAddress,
        device: String? = nil
    ) throws(SystemError) {
        let family = AddressFamily(of: destination)
        let subject = FileDescriptor.subject("echo request to \(destination)", source, device)
        let isIPv4 = family == .ipv4
        let number = Int32(isIPv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)
        let file = try socket(family, SOCK_RAW, number, source, device, subject)
        if isIPv4 {
            try file.set(Int(IPPROTO_IP), IP_MTU_DISCOVER, to: IP_PMTUDISC_DO, subject)
        } else {
            try file.set(Int(IPPROTO_IPV6), IPV6_MTU_DISCOVER, to: IPV6_PMTUDISC_DO, subject)
            try file.set(Int(IPPROTO_IPV6), IPV6_DONTFRAG, to: 1, subject)
        }
        try file.connect(to: SocketAddress(destination), subject)
        let type = isIPv4 ? echoRequest.ipv4 : echoRequest.ipv6
        let header = [type, 0] + (isIPv4 ? checksum : [0, 0]) + [0, 0, 0, 0]
        let message = header + [UInt8](repeating: 0, count: max(0, octets - (isIPv4 ? 20 : 40) - header.count))
        let sent = message.withUnsafeBytes { send(file.raw, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
        guard sent >= 0 else { throw SystemError(call: "send", subject: subject) }
    }

    private static func socket(
        _ family: AddressFamily,
        _ type: __socket_type,
        _ number: Int32,
        _ source: IPAddress,
        _ device: String?,
        _ subject: String
    ) throws(SystemError) -> FileDescriptor {
        let file = try FileDescriptor.socket(family, type, number, subject)
        try file.bind(toDevice: device, subject)
        try file.bind(to: SocketAddress(source), subject)
        return file
    }
}
