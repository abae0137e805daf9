// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import Glibc
import LinuxIO
import Management
import Mobility
import Wire

/// The store's file as the file system has it.
enum StoreFile {
    /// SQLite keeps these beside it.
    private static let companions = ["-wal", "-shm"]

    /// Makes the directories above it as well. Throws `EWOULDBLOCK` if another process has the store, and `EPERM` if
    /// somebody else could have written the file.
    static func lock(_ path: String) throws(SystemError) -> LockedFile {
        do {
            try ParentDirectories.make(for: path)
        } catch ManagementServerError.system(let call, let directory, let number) {
            throw SystemError(call: call, errno: number, subject: directory)
        } catch {
            throw SystemError(call: "mkdir", errno: EIO, subject: path)
        }
        // Its owner and whoever may write it are judged like the file that it stands beside.
        try SystemError.checkOwner(of: path)
        return try LockedFile(path: "\(path)-lock")
    }

    static func failure(_ error: SystemError, at path: String) -> StoreFailure {
        switch error.errno {
        case EWOULDBLOCK:
            StoreFailure(.foreign, "another daemon keeps its bindings in \(path)", hint: "name another file")
        case EPERM:
            StoreFailure(.foreign, "\(path) belongs to another user, or others may write it", hint: "chown or chmod it")
        case EISDIR: StoreFailure(.foreign, "\(path) is a directory", hint: "name a file")
        default: StoreFailure(.unwritable, "\(error)")
        }
    }

    /// Under a name that nothing has; what stands beside the file goes with it.
    static func moveAside(_ path: String) throws(StoreFailure) -> String {
        var number = 1
        while access("\(path).damaged-\(number)", F_OK) == 0 { number += 1 }
        let aside = "\(path).damaged-\(number)"
        for suffix in [""] + companions where rename(path + suffix, aside + suffix) != 0 && errno != ENOENT {
            throw StoreFailure(.unwritable, "\(SystemError(call: "rename", errno: errno, subject: path))")
        }
        return aside
    }

    /// Every record that can be read, row by row; none if it is no database at all. Writes nothing.
    static func readable(in path: String) -> [SessionRecord] {
        var configuration = Configuration()
        configuration.readonly = true
        guard let database = try? DatabaseQueue(path: path, configuration: configuration) else { return [] }
        let records = try? database.read { db -> [SessionRecord] in
            let last = (try? Int64.fetchOne(db, sql: "SELECT max(id) FROM session")) ?? nil
            return (0...(last ?? 0)).compactMap { id in
                let octets = try? Data.fetchOne(db, sql: "SELECT record FROM session WHERE id = ?", arguments: [id])
                return octets.flatMap { try? SessionRecord(decoding: Array($0)) }
            }
        }
        try? database.close()
        return records ?? []
    }
}

extension SystemError {
    /// Nothing if there is no such file.
    fileprivate static func checkOwner(of path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw SystemError(call: "open", errno: EISDIR, subject: path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw SystemError(call: "trust", errno: EPERM, subject: path)
        }
    }
}
