// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Whole frames of one Ethernet link in which somebody asks for the link-layer address of an IP address, whichever that
/// is, or tells it, or asks for an address of its own (AF_PACKET, packet(7)).
package final class NeighborSocket {
    package enum Kind: Sendable {
        /// ARP requests.
        case ipv4
        /// ARP replies.
        case ipv4Answers
        /// Neighbour solicitations, to any group.
        case ipv6
        /// Requests and replies of ARP.
        case arp
        /// What hosts and routers say by ICMPv6 (RFC 4861), to any group, and what has hop-by-hop options, as reports of
        /// groups do (RFC 3810).
        case discovery
        /// What clients of DHCP say, over IPv4.
        case dhcp

        fileprivate var etherType: Int32 {
            switch self {
            case .ipv4, .ipv4Answers, .arp: ETH_P_ARP
            case .ipv6, .discovery: ETH_P_IPV6
            case .dhcp: ETH_P_IP
            }
        }
    }

    private static let frameOctets = 2048
    private static let framesPerCall = 64

    private let file: FileDescriptor
    private let index: Int32
    private let subject: String

    /// To watch; readable while frames wait.
    package var fd: Int32 { file.raw }

    package init(_ kind: Kind, device: String) throws(SystemError) {
        subject = "neighbours on \(device)"
        let index = if_nametoindex(device)
        guard index != 0 else { throw SystemError(call: "if_nametoindex", subject: device) }
        self.index = Int32(bitPattern: index)
        // Protocol 0: nothing is received before bind() names the link.
        let type = SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        file = try FileDescriptor(socket(AF_PACKET, Int32(type), 0), call: "socket", subject: subject)
        try file.set(Int(SOL_PACKET), PACKET_IGNORE_OUTGOING, to: 1, subject)
        try attachFilter(kind)
        if kind.etherType == ETH_P_IPV6 { try listenToAllGroups() }
        try bind(kind.etherType)
    }

    /// The frames that have arrived, 64 at most; empty if none has.
    package func receive() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var octets = [UInt8](repeating: 0, count: NeighborSocket.frameOctets)
        while frames.count < NeighborSocket.framesPerCall {
            let count = octets.withUnsafeMutableBytes { recv(file.raw, $0.baseAddress, $0.count, 0) }
            if count < 0 {
                // A link that went down says so once (ENETDOWN).
                if errno == EINTR || errno == ENETDOWN { continue }
                return frames
            }
            frames.append(Array(octets.prefix(count)))
        }
        return frames
    }

    package func send(_ frame: [UInt8]) throws(SystemError) {
        let sent = frame.withUnsafeBytes { Glibc.send(file.raw, $0.baseAddress, $0.count, 0) }
        guard sent == frame.count else { throw SystemError(call: "send", subject: subject) }
    }

    /// Without it every packet of the link would wake us.
    private func attachFilter(_ kind: Kind) throws(SystemError) {
        var program: [sock_filter] =
            switch kind {
            // Of ARP: the operation.
            case .ipv4: [load(16, at: 20), skip(1, unlessEqual: 1)]
            case .ipv4Answers: [load(16, at: 20), skip(1, unlessEqual: 2)]
            case .arp: []
            // Of UDP directly behind an IPv4 header without options: the port.
            case .dhcp:
                [
                    load(8, at: 23), skip(3, unlessEqual: UInt32(IPPROTO_UDP)), load(16, at: 36),
                    skip(1, unlessEqual: 67),
                ]
            // Of ICMPv6 directly behind the IPv6 header: the type; 133 to 136 are the messages of RFC 4861.
            case .discovery:
                [
                    load(8, at: 20), skip(4, ifEqual: UInt32(IPPROTO_HOPOPTS)),
                    skip(4, unlessEqual: UInt32(IPPROTO_ICMPV6)), load(8, at: 54),
                    skip(2, unlessAtLeast: 133), skip(1, ifAtLeast: 137),
                ]
            // The type alone.
            case .ipv6:
                [
                    load(8, at: 20), skip(3, unlessEqual: UInt32(IPPROTO_ICMPV6)), load(8, at: 54),
                    skip(1, unlessEqual: 135),
                ]
            }
        program += [accept(UInt32(NeighborSocket.frameOctets)), accept(0)]
        let result = program.withUnsafeMutableBufferPointer { instructions in
            var filter = sock_fprog(len: UInt16(instructions.count), filter: instructions.baseAddress)
            let octets = socklen_t(MemoryLayout<sock_fprog>.size)
            return setsockopt(file.raw, SOL_SOCKET, SO_ATTACH_FILTER, &filter, octets)
        }
        try SystemError.check(result, "setsockopt", subject)
    }

    private func load(_ bits: Int, at offset: UInt32) -> sock_filter {
        let size = bits == 8 ? BPF_B : BPF_H
        return sock_filter(code: UInt16(BPF_LD | size | BPF_ABS), jt: 0, jf: 0, k: offset)
    }

    private func skip(_ count: UInt8, unlessEqual value: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: count, k: value)
    }

    private func skip(_ count: UInt8, ifEqual value: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: count, jf: 0, k: value)
    }

    private func skip(_ count: UInt8, unlessAtLeast value: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_JGE | BPF_K), jt: 0, jf: count, k: value)
    }

    private func skip(_ count: UInt8, ifAtLeast value: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_JGE | BPF_K), jt: count, jf: 0, k: value)
    }

    /// Takes so many octets of the frame; none drops it.
    private func accept(_ octets: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: octets)
    }

    /// Solicitations go to a group that follows from the address asked for; all addresses of a prefix have 2²⁴ of them.
    private func listenToAllGroups() throws(SystemError) {
        var request = packet_mreq()
        request.mr_ifindex = index
        request.mr_type = UInt16(PACKET_MR_ALLMULTI)
        let octets = socklen_t(MemoryLayout<packet_mreq>.size)
        let result = setsockopt(file.raw, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, octets)
        try SystemError.check(result, "setsockopt", subject)
    }

    private func bind(_ etherType: Int32) throws(SystemError) {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(truncatingIfNeeded: etherType).bigEndian
        address.sll_ifindex = index
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(file.raw, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        try SystemError.check(result, "bind", subject)
    }
}
