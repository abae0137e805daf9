// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// What all kinds of sockets are told at their start.
extension FileDescriptor {
    /// A non-blocking socket.
    static func socket(
        _ family: AddressFamily,
        _ type: __socket_type,
        _ proto: Int32,
        _ subject: String
    ) throws(SystemError) -> FileDescriptor {
        let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        return try FileDescriptor(
            Glibc.socket(family.number, Int32(type.rawValue | flags), proto),
            call: "socket",
            subject: subject
        )
    }

    func set(_ level: Int, _ option: Int32, to value: Int32, _ subject: String) throws(SystemError) {
        var value = value
        try SystemError.check(
            setsockopt(raw, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size)),
            "setsockopt",
            subject
        )
    }

    /// Restricts the socket to one link; nil does nothing.
    func bind(toDevice device: String?, _ subject: String) throws(SystemError) {
        guard let device else { return }
        let result = device.withCString { setsockopt(raw, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(strlen($0))) }
        try SystemError.check(result, "bind to device", subject)
    }

    func bind(to address: SocketAddress, _ subject: String) throws(SystemError) {
        let result = withUnsafeTemporaryAllocation(byteCount: SocketAddress.capacity, alignment: 8) { memory in
            let length = address.write(to: memory)
            return memory.withMemoryRebound(to: sockaddr.self) { Glibc.bind(raw, $0.baseAddress, length) }
        }
        try SystemError.check(result, "bind", subject)
    }

    /// Has the kernel look up the way there; for datagrams nothing is sent.
    func connect(to address: SocketAddress, _ subject: String) throws(SystemError) {
        let result = withUnsafeTemporaryAllocation(byteCount: SocketAddress.capacity, alignment: 8) { memory in
            let length = address.write(to: memory)
            return memory.withMemoryRebound(to: sockaddr.self) { Glibc.connect(raw, $0.baseAddress, length) }
        }
        try SystemError.check(result, "connect", subject)
    }

    /// What it is bound to, by whomever; nil: by nobody.
    func localAddress(_ subject: String) throws(SystemError) -> IPAddress? {
        var address: IPAddress?
        let result = withUnsafeTemporaryAllocation(byteCount: SocketAddress.capacity, alignment: 8) { memory in
            var length = socklen_t(SocketAddress.capacity)
            let result = memory.withMemoryRebound(to: sockaddr.self) { getsockname(raw, $0.baseAddress, &length) }
            let written = memory[..<min(Int(length), SocketAddress.capacity)]
            if result == 0 { address = SocketAddress(UnsafeRawBufferPointer(rebasing: written))?.address }
            return result
        }
        try SystemError.check(result, "getsockname", subject)
        return address
    }

    /// Has the kernel tell each packet's destination address and link.
    func requestPacketInformation(_ family: AddressFamily, _ subject: String) throws(SystemError) {
        switch family {
        case .ipv4: try set(Int(IPPROTO_IP), IP_PKTINFO, to: 1, subject)
        case .ipv6: try set(Int(IPPROTO_IPV6), IPV6_RECVPKTINFO, to: 1, subject)
        }
    }

    /// Has the kernel tell each packet's DSCP and ECN.
    func requestTrafficClass(_ family: AddressFamily, _ subject: String) throws(SystemError) {
        switch family {
        case .ipv4: try set(Int(IPPROTO_IP), IP_RECVTOS, to: 1, subject)
        case .ipv6: try set(Int(IPPROTO_IPV6), IPV6_RECVTCLASS, to: 1, subject)
        }
    }

    /// Has the kernel tell when each packet came to the machine, however late it is read.
    func requestArrivalTime(_ subject: String) throws(SystemError) {
        try set(Int(SOL_SOCKET), SO_TIMESTAMPNS, to: 1, subject)
    }

    /// Lets the kernel fragment what exceeds a link's MTU, and never set DF. Over IPv6 a path's MTU counts as well, since
    /// routers do not fragment there; over IPv4 nobody is believed about that.
    func allowFragmentation(_ family: AddressFamily, _ subject: String) throws(SystemError) {
        switch family {
        case .ipv4:
            try set(Int(IPPROTO_IP), IP_MTU_DISCOVER, to: IP_PMTUDISC_OMIT, subject)
        case .ipv6:
            try set(Int(IPPROTO_IPV6), IPV6_MTU_DISCOVER, to: IPV6_PMTUDISC_DONT, subject)
            try set(Int(IPPROTO_IPV6), IPV6_DONTFRAG, to: 0, subject)
        }
    }

    /// Has nobody fragment, and asks nothing but the link how much fits: what routers are said to have said is not
    /// believed (RFC 4821 §3).
    func forbidFragmentation(_ family: AddressFamily, _ subject: String) throws(SystemError) {
        switch family {
        case .ipv4: try set(Int(IPPROTO_IP), IP_MTU_DISCOVER, to: IP_PMTUDISC_PROBE, subject)
        case .ipv6: try set(Int(IPPROTO_IPV6), IPV6_MTU_DISCOVER, to: IPV6_PMTUDISC_PROBE, subject)
        }
    }

    /// Lets one ICMPv6 type through (RFC 3542 §3.2).
    func passOnly(_ type: Int, _ subject: String) throws(SystemError) {
        // 256 bits; a set one blocks.
        var filter = [UInt32](repeating: .max, count: 8)
        filter[type >> 5] &= ~(1 << UInt32(type & 31))
        let result = filter.withUnsafeBytes {
            setsockopt(raw, Int32(IPPROTO_ICMPV6), Int32(ICMP6_FILTER), $0.baseAddress, socklen_t($0.count))
        }
        try SystemError.check(result, "setsockopt", subject)
    }

    /// Has the kernel receive what is sent to the group on the link.
    func join(_ group: IPv6Address, on interface: UInt32, _ subject: String) throws(SystemError) {
        // struct ipv6_mreq: the address, then the link's index.
        let result = withUnsafeTemporaryAllocation(byteCount: 20, alignment: 8) { memory in
            memory.storeBytes(of: group.high.bigEndian, as: UInt64.self)
            memory.storeBytes(of: group.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            memory.storeBytes(of: interface, toByteOffset: 16, as: UInt32.self)
            return setsockopt(raw, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, memory.baseAddress, 20)
        }
        try SystemError.check(result, "join of \(group)", subject)
    }

    /// Room for bursts in both directions, beyond the system's limit if we may.
    func setBuffers(_ octets: Int32, _ subject: String) throws(SystemError) {
        do {
            try set(Int(SOL_SOCKET), SO_RCVBUFFORCE, to: octets, subject)
            try set(Int(SOL_SOCKET), SO_SNDBUFFORCE, to: octets, subject)
        } catch {
            try set(Int(SOL_SOCKET), SO_RCVBUF, to: octets, subject)
            try set(Int(SOL_SOCKET), SO_SNDBUF, to: octets, subject)
        }
    }

    /// `udp 5436 at 192.0.2.1 on wan1`
    static func subject(_ what: String, _ address: IPAddress?, _ device: String?) -> String {
        what + (address.map { " at \($0)" } ?? "") + (device.map { " on \($0)" } ?? "")
    }
}
