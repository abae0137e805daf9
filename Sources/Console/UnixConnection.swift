// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A blocking stream to a Unix socket; every wait ends at the deadline.
struct UnixConnection {
    private let descriptor: Int32
    private let path: String
    private let deadline: ContinuousClock.Instant

    init(path: String, deadline: ContinuousClock.Instant) throws(ClientError) {
        guard path.utf8.count <= 107 else { throw .pathTooLong(path: path) }
        self.path = path
        self.deadline = deadline
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        descriptor = socket(AF_UNIX, Int32(bitPattern: type), 0)
        guard descriptor >= 0 else { throw .system(call: "socket", path: path, errorNumber: errno) }
        guard Self.connect(descriptor, to: path) else {
            let errorNumber = errno
            close()
            switch errorNumber {
            case ENOENT, ECONNREFUSED, ENOTDIR, ENOTSOCK: throw .noDaemon(path: path)
            case EACCES, EPERM: throw .notPermitted(path: path)
            // Its queue is full: it does not get to its requests.
            case EAGAIN: throw .timedOut(path: path)
            default: throw .system(call: "connect", path: path, errorNumber: errorNumber)
            }
        }
    }

    func close() {
        Glibc.close(descriptor)
    }

    func send(_ octets: [UInt8]) throws(ClientError) {
        var remaining = octets[...]
        while !remaining.isEmpty {
            try wait(for: POLLOUT)
            let count = remaining.withUnsafeBytes { octets in
                Glibc.send(descriptor, octets.baseAddress, octets.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                remaining = remaining.dropFirst(count)
            } else if errno != EINTR && errno != EAGAIN {
                throw failure("send")
            }
        }
    }

    /// The next octets; none once the peer has finished.
    func receive() throws(ClientError) -> [UInt8] {
        while true {
            try wait(for: POLLIN)
            var count = 0
            let octets = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, initialized in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                initialized = max(count, 0)
            }
            if count >= 0 { return octets }
            guard errno == EINTR || errno == EAGAIN else { throw failure("receive") }
        }
    }

    private func wait(for events: Int32) throws(ClientError) {
        while true {
            let remaining = ContinuousClock.now.duration(to: deadline)
            guard remaining > .zero else { throw .timedOut(path: path) }
            let milliseconds = min(remaining / .milliseconds(1) + 1, 60000)
            var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
            let count = poll(&entry, 1, Int32(milliseconds))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw failure("poll") }
        }
    }

    private func failure(_ call: String) -> ClientError {
        .system(call: call, path: path, errorNumber: errno)
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
