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

    /// Makes the file, for its owner only, and the directories above it. Throws `EWOULDBLOCK` if another process has
    /// the store, and `EPERM` if somebody else could have written the file.
    ///
    /// The lock is of another kind than SQLite's own, and must be let go of after SQLite has closed the file.
    static func lock(_ path: String) throws(SystemError) -> LockedFile {
        do {
            try ParentDirectories.make(for: path)
        } catch ManagementServerError.system(let call, let directory, let number) {
            throw SystemError(call: call, errno: number, subject: directory)
        } catch {
            throw SystemError(call: "mkdir", errno: EIO, subject: path)
        }
        return try LockedFile(path: path)
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
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        guard let database = try? DatabaseQueue(path: path, configuration: configuration) else { return [] }
        let records = try? database.read { db -> [SessionRecord] in
            // From both ends, each as far as it goes.
            let found = ["ASC", "DESC"].flatMap { rows(in: db, $0) }
            let records = Dictionary(found.map { ($0.identifier, $0) }) { first, _ in first }
            return Array(records.values)
        }
        try? database.close()
        return records ?? []
    }
}

extension StoreFile {
    private static func rows(in db: Database, _ order: String) -> [SessionRecord] {
        var records: [SessionRecord] = []
        guard let rows = try? Row.fetchCursor(db, sql: "SELECT record FROM session ORDER BY id \(order)") else {
            return []
        }
        while let row = try? rows.next() {
            let octets = (row[0] as Data?).map { Array($0) } ?? []
            if let record = try? SessionRecord(decoding: octets) { records.append(record) }
        }
        return records
    }
}
