// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A file that one process at a time holds, and that has what was appended to it even if the process is killed.
package final class LockedFile: Sendable {
    package let path: String
    private let file: FileDescriptor

    /// Opens the file, or makes it, for its owner only. Throws `EWOULDBLOCK` if another process holds it, and `EPERM` if
    /// somebody else could have written it.
    package init(path: String) throws(SystemError) {
        self.path = path
        while true {
            let flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
            let file = try FileDescriptor(open(path, flags, 0o600), call: "open", subject: path)
            try SystemError.check(flock(file.raw, LOCK_EX | LOCK_NB), "lock", path)
            var held = stat()
            var named = stat()
            try SystemError.check(fstat(file.raw, &held), "stat", path)
            // Its holder may have removed it between our two calls: then the lock is on a file that nobody finds any more.
            guard stat(path, &named) == 0, named.st_dev == held.st_dev, named.st_ino == held.st_ino else { continue }
            guard held.st_mode & S_IFMT == S_IFREG, held.st_uid == geteuid(), held.st_mode & 0o022 == 0 else {
                throw SystemError(call: "trust", errno: EPERM, subject: path)
            }
            self.file = file
            return
        }
    }

    /// All that is in the file that another process holds, or this one.
    package static func text(at path: String) throws(SystemError) -> String { try Sysctl.contents(of: path) }

    /// Returns when the text has reached the file for good; if it throws, nothing of it has.
    package func append(_ text: String) throws(SystemError) {
        let before = lseek(file.raw, 0, SEEK_END)
        let octets = Array(text.utf8)
        let written = octets.withUnsafeBytes { write(file.raw, $0.baseAddress, $0.count) }
        guard written == octets.count, fsync(file.raw) == 0 else {
            let error = SystemError(call: "write", errno: written >= 0 && errno == 0 ? ENOSPC : errno, subject: path)
            ftruncate(file.raw, max(before, 0))
            throw error
        }
    }

    package func removeContents() throws(SystemError) {
        try SystemError.check(ftruncate(file.raw, 0), "truncate", path)
    }

    /// Takes the file away, still holding it.
    package func remove() throws(SystemError) {
        try SystemError.check(unlink(path), "unlink", path)
    }
}
