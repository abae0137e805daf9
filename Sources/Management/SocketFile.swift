// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The management socket's place in the file system.
struct SocketFile: Sendable {
    let path: String

    /// Makes the directories above (mode 0755) and removes what a daemon that died left behind.
    func prepare() throws(ManagementServerError) {
        guard path.utf8.count <= 107 else { throw .pathTooLong(path: path) }
        try ParentDirectories.make(for: path)
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw failure("stat") }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        guard try !isAnswered() else { throw .alreadyServed(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink") }
    }

    /// Lets the owner and the group connect, and nobody else.
    func restrict() throws(ManagementServerError) {
        guard chmod(path, 0o660) == 0 else { throw failure("chmod") }
    }

    /// Best effort: a socket that stays is recognised as left behind at the next start.
    func remove() {
        unlink(path)
    }

    private func isAnswered() throws(ManagementServerError) -> Bool {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(bitPattern: type), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // A listener with a full queue is a listener: only a refusal proves that nobody is there.
        if result == 0 || errno == EAGAIN { return true }
        guard errno == ECONNREFUSED || errno == ENOENT else { throw failure("connect") }
        return false
    }

    private func failure(_ call: String) -> ManagementServerError {
        .system(call: call, path: path, errorNumber: errno)
    }
}
