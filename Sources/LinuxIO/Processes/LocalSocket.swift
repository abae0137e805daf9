// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A Unix socket on which each message arrives whole (SOCK_SEQPACKET, unix(7)).
package struct LocalSocket: ~Copyable {
    /// Octets of a message at most.
    package static let messageLimit = 16384

    /// To watch; closed with this value.
    package let descriptor: Int32

    deinit { close(descriptor) }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    private init(path: String, _ call: String, nonblocking: Bool) throws(SystemError) {
        let kind = SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | (nonblocking ? SOCK_NONBLOCK.rawValue : 0)
        descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket", subject: path) }
    }

    /// Serves at a path in the file system, non-blocking; a socket that was left there is replaced.
    package static func listening(at path: String) throws(SystemError) -> LocalSocket {
        let listener = try LocalSocket(path: path, "socket", nonblocking: true)
        _ = unlink(path)
        let bound = try withAddress(path) { bind(listener.descriptor, $0, $1) }
        guard bound == 0 else { throw SystemError(call: "bind", subject: path) }
        guard listen(listener.descriptor, 16) == 0 else {
            throw SystemError(call: "listen", subject: path)
        }
        return listener
    }

    /// Connects; sends and receives wait, five seconds at most.
    package static func connected(to path: String) throws(SystemError) -> LocalSocket {
        let connection = try LocalSocket(path: path, "socket", nonblocking: false)
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = setsockopt(connection.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        _ = setsockopt(connection.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let result = try withAddress(path) { connect(connection.descriptor, $0, $1) }
        guard result == 0 else { throw SystemError(call: "connect", subject: path) }
        return connection
    }

    /// A client that waits to be served, non-blocking, or nil.
    package borrowing func accept() -> LocalSocket? {
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let client = accept4(descriptor, __SOCKADDR_ARG(__sockaddr__: nil), nil, flags)
        return client >= 0 ? LocalSocket(descriptor: client) : nil
    }

    package borrowing func send(_ text: String) throws(SystemError) {
        let octets = Array(text.utf8.prefix(Self.messageLimit))
        guard Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL)) >= 0 else {
            throw SystemError(call: "send", subject: "local socket")
        }
    }

    /// The next message; empty when the other end has gone.
    package borrowing func receive() throws(SystemError) -> String {
        var octets = [UInt8](repeating: 0, count: Self.messageLimit)
        let count = recv(descriptor, &octets, octets.count, 0)
        guard count >= 0 else { throw SystemError(call: "recv", subject: "local socket") }
        return String(decoding: octets.prefix(count), as: UTF8.self)
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = UInt16(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError(call: "socket path", errno: ENAMETOOLONG, subject: path)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
