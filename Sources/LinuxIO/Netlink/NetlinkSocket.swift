// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Asks the kernel about links, addresses, routes and rules, and changes them (rtnetlink). Each call waits
/// for the kernel's answer, which is given at once; belongs to the network namespace it was made in.
package final class NetlinkSocket {
    private static let bufferOctets = 64 * 1024
    /// A dump during which something changed is asked for again, this often.
    private static let dumpAttempts = 5
    /// The kernel answers within the call; this is for the case that it does not.
    private static let patienceSeconds = 5

    private let file: FileDescriptor
    private var sequence: UInt32 = 0
    private var buffer = [UInt8](repeating: 0, count: bufferOctets)

    package init() throws(SystemError) {
        file = try FileDescriptor.netlink(nonBlocking: false)
        var patience = timeval(tv_sec: NetlinkSocket.patienceSeconds, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        try SystemError.check(
            setsockopt(file.raw, SOL_SOCKET, SO_RCVTIMEO, &patience, length),
            "setsockopt",
            "netlink"
        )
    }

    /// Performs one change. Throws the kernel's error number, with its explanation in the subject.
    func request(
        _ type: Int,
        _ flags: Int,
        _ body: NetlinkWriter,
        _ subject: @autoclosure () -> String
    ) throws(SystemError) {
        let number = try send(type, flags | Int(NLM_F_ACK), body, subject())
        while true {
            for message in try receive(subject()) where message.sequence == number {
                guard Int32(message.type) == NLMSG_ERROR else { continue }
                return try NetlinkSocket.throwError(of: message, "netlink request", subject())
            }
        }
    }

    /// Everything of one kind.
    func dump(_ type: Int, _ body: NetlinkWriter, _ subject: String) throws(SystemError) -> [NetlinkMessage] {
        for _ in 0..<NetlinkSocket.dumpAttempts {
            if let messages = try attemptDump(type, body, subject) { return messages }
        }
        throw SystemError(call: "netlink dump", errno: EINTR, subject: subject)
    }

    /// nil if something changed meanwhile, so that the answer may be inconsistent.
    private func attemptDump(
        _ type: Int,
        _ body: NetlinkWriter,
        _ subject: String
    ) throws(SystemError) -> [NetlinkMessage]? {
        let number = try send(type, Int(NLM_F_DUMP), body, subject)
        var messages: [NetlinkMessage] = []
        var isConsistent = true
        while true {
            for message in try receive(subject) where message.sequence == number {
                if Int32(message.flags) & NLM_F_DUMP_INTR != 0 { isConsistent = false }
                switch Int32(message.type) {
                case NLMSG_ERROR:
                    try NetlinkSocket.throwError(of: message, "netlink dump", subject)
                case NLMSG_DONE:
                    return isConsistent ? messages : nil
                default:
                    messages.append(message)
                }
            }
        }
    }

    private func send(
        _ type: Int,
        _ flags: Int,
        _ body: NetlinkWriter,
        _ subject: @autoclosure () -> String
    ) throws(SystemError) -> UInt32 {
        sequence &+= 1
        var message = NetlinkWriter()
        message.uint32(UInt32(NetlinkMessage.headerSize + body.octets.count))
        message.uint16(UInt16(truncatingIfNeeded: type))
        message.uint16(UInt16(truncatingIfNeeded: flags | Int(NLM_F_REQUEST)))
        message.uint32(sequence)
        message.uint32(0)
        let octets = message.octets + body.octets
        // An unbound, unconnected netlink socket sends to the kernel.
        let sent = octets.withUnsafeBytes { Glibc.send(file.raw, $0.baseAddress, $0.count, 0) }
        guard sent == octets.count else {
            let error = errno
            throw SystemError(call: "netlink send", errno: error, subject: subject())
        }
        return sequence
    }

    private func receive(_ subject: @autoclosure () -> String) throws(SystemError) -> [NetlinkMessage] {
        while true {
            if let octets = file.receiveFromKernel(into: &buffer) {
                if !octets.isEmpty { return NetlinkMessage.split(octets) }
            } else if errno != EINTR {
                let error = errno
                throw SystemError(call: "netlink receive", errno: error, subject: subject())
            }
        }
    }

    /// Returns if the message says success.
    private static func throwError(
        of message: NetlinkMessage,
        _ call: String,
        _ subject: @autoclosure () -> String
    ) throws(SystemError) {
        let reader = NetlinkReader(message.body)
        guard let code = reader.uint32(at: 0) else {
            throw SystemError(call: call, errno: EBADMSG, subject: subject())
        }
        guard code != 0 else { return }
        let errno = 0 &- Int32(bitPattern: code)
        // With NLM_F_CAPPED only the request's header follows, otherwise the whole request.
        let isCapped = Int32(message.flags) & NLM_F_CAPPED != 0
        let requestLength = isCapped ? NetlinkMessage.headerSize : Int(reader.uint32(at: 4) ?? 0)
        guard Int32(message.flags) & NLM_F_ACK_TLVS != 0,
            let rest = reader.slice(4 + (requestLength + 3) & ~3, reader.count),
            let explanation = NetlinkAttributes(rest).text(Int(NLMSGERR_ATTR_MSG.rawValue))
        else { throw SystemError(call: call, errno: errno, subject: subject()) }
        throw SystemError(call: call, errno: errno, subject: "\(subject()) (\(explanation))")
    }
}

extension FileDescriptor {
    static func netlink(nonBlocking: Bool) throws(SystemError) -> FileDescriptor {
        let flags = SOCK_CLOEXEC.rawValue | (nonBlocking ? SOCK_NONBLOCK.rawValue : 0)
        let file = try FileDescriptor(
            Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | flags), NETLINK_ROUTE),
            call: "socket",
            subject: "netlink"
        )
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
            try file.set(Int(SOL_NETLINK), option, to: 1, "netlink")
        }
        // Without an address of its own the socket counts as the kernel's, and hears no multicast.
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        let result = withUnsafeBytes(of: &address) { address in
            address.withMemoryRebound(to: sockaddr.self) {
                Glibc.bind(file.raw, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        try SystemError.check(result, "bind", "netlink")
        return file
    }

    /// One datagram of the kernel's; empty if it was somebody else's, nil with `errno` if there was none.
    func receiveFromKernel(into buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        var sender = sockaddr_nl()
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let count = buffer.withUnsafeMutableBytes { buffer in
            withUnsafeMutableBytes(of: &sender) { sender in
                sender.withMemoryRebound(to: sockaddr.self) {
                    recvfrom(raw, buffer.baseAddress, buffer.count, 0, $0.baseAddress, &length)
                }
            }
        }
        guard count >= 0 else { return nil }
        // Any process may send to a netlink socket; only the kernel has port zero.
        return sender.nl_pid == 0 ? buffer.prefix(count) : []
    }
}
