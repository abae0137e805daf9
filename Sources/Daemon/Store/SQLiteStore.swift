// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import Glibc
import LinuxIO
package import Mobility
import Wire

/// Keeps the sessions in an SQLite file, written ahead (WAL) and synchronised at each commit.
///
/// Its writes happen on the control plane's thread: what is not on the disk is not acknowledged.
package final class SQLiteStore: BindingStore {
    package let path: String
    private let newCounter: UInt32
    private let step: StoreStep.Hook
    /// Keeps a second process out; SQLite's own locks would let it in between two transactions.
    private var lock: LockedFile?
    private var database: DatabaseQueue?
    /// Of what was lost before the file could be opened.
    private var losses: [String] = []

    /// Opens the file or makes it, for its owner only. A file that is no sound database is moved aside, with what
    /// stands beside it, and what can be read of it is carried over. `newCounter` is the restart counter of who
    /// begins with nothing.
    package init(path: String, newCounter: UInt32, step: @escaping StoreStep.Hook = { _ in }) throws(StoreFailure) {
        self.path = path
        self.newCounter = newCounter
        self.step = step
        try takeHold()
        do throws(StoreFailure) {
            database = try Self.open(path)
        } catch  where error.kind == .damaged {
            try beginAnew(because: error)
        }
    }

    /// Waits a moment for who has it: a process that is just being started holds copies of all files of the one that
    /// starts it, even of a daemon that was killed, until it has become another program.
    private func takeHold() throws(StoreFailure) {
        let deadline = SystemClock.now() + .seconds(1)
        while true {
            do throws(SystemError) {
                lock = try StoreFile.lock(path)
                return
            } catch {
                guard error.errno == EWOULDBLOCK, SystemClock.now() < deadline else {
                    throw StoreFile.failure(error, at: path)
                }
                usleep(10_000)
            }
        }
    }

    /// The damaged file stays as it is, under another name, for whoever can make more of it.
    private func beginAnew(because failure: StoreFailure) throws(StoreFailure) {
        close()
        let aside = try StoreFile.moveAside(path)
        try takeHold()
        losses.append("\(path) is damaged (\(failure.problem)); it is kept as \(aside), and a new one begun")
        database = try Self.open(path)
        let records = StoreFile.readable(in: aside)
        var carried = 0
        for record in records {
            do throws(StoreFailure) {
                try commit([.put(record, isUrgent: true)])
                carried += 1
            } catch  where error.kind == .contradiction {
                losses.append("\(record.identifier) is not carried over: \(error)")
            }
        }
        losses.append("\(carried) sessions are carried over")
    }

    private static func open(_ path: String) throws(StoreFailure) -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.label = "plait.store"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            // Without it the last commits before a power failure would be gone.
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { try StoreSchema.prepare($0, at: path) }
            return queue
        } catch {
            throw StoreFailure(error)
        }
    }

    private func write<Value>(_ body: (Database) throws -> Value) throws(StoreFailure) -> Value {
        guard let database else { throw StoreFailure(.unwritable, "\(path) is closed") }
        do {
            return try database.writeWithoutTransaction { db in
                step(.beforeBegin)
                var value: Value?
                try db.inTransaction(.immediate) {
                    value = try body(db)
                    step(.beforeCommit)
                    return .commit
                }
                step(.afterCommit)
                guard let value else { throw StoreFailure(.unwritable, "\(path): nothing was done") }
                return value
            }
        } catch {
            throw StoreFailure(error)
        }
    }

    private func execute(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws {
        step(.beforeStatement)
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        step(.afterStatement)
    }

    // MARK: Start

    package func load() throws(StoreFailure) -> StoreContents {
        do throws(StoreFailure) {
            return try read()
        } catch  where error.kind == .damaged {
            try beginAnew(because: error)
            return try read()
        }
    }

    private func read() throws(StoreFailure) -> StoreContents {
        // A file that only seems whole would be found out by a commit, when nobody can do anything about it.
        let inspection = StoreInspection(of: path)
        // Whatever happens: a damaged file is moved.
        defer { inspection.wait() }
        return try write { db in
            var contents = StoreContents(restartCounter: newCounter, losses: losses)
            let (sessions, refused) = try readSessions(db)
            contents.sessions.sessions = sessions
            try inspection.finish()
            contents.losses += try put(aside: refused, in: db)
            contents.sessions.start = UInt32(truncatingIfNeeded: try number("starts", in: db) ?? 0) &+ 1
            try execute(db, Self.putState, ["starts", Int64(contents.sessions.start)])
            contents.sessions.floors = try Row.fetchAll(db, sql: "SELECT * FROM floor").map(Self.floor)
            let known = try number("restart_counter", in: db).map { UInt32(truncatingIfNeeded: $0) }
            // RFC 5847 §3.2: told by another counter, everybody registers anew.
            contents.restartCounter =
                contents.losses.isEmpty ? known ?? newCounter : max(known.map { $0 &+ 1 } ?? 0, newCounter)
            try execute(db, Self.putState, ["restart_counter", Int64(contents.restartCounter)])
            return contents
        }
    }

    private static func floor(_ row: Row) -> FloorRecord {
        let subtype: Int64 = row["subtype"]
        let sequence: Int64 = row["sequence"]
        let timestamp: Int64? = row["timestamp"]
        return FloorRecord(
            mobileNode: NodeIdentifier(subtype: UInt8(truncatingIfNeeded: subtype), octets: row.octets(1)),
            sequence: UInt16(truncatingIfNeeded: sequence),
            timestamp: timestamp.map { Timestamp(value: UInt64(bitPattern: $0)) }
        )
    }

    private func number(_ name: String, in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT value FROM state WHERE name = ?", arguments: [name])
    }

    /// One that is not what was written.
    private struct RefusedRecord {
        var id: Int64
        var octets: [UInt8]
        var problem: String
    }

    private func readSessions(_ db: Database) throws -> ([SessionRecord], [RefusedRecord]) {
        var sessions: [SessionRecord] = []
        var refused: [RefusedRecord] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT id, record, node FROM session ORDER BY id")
        while let row = try rows.next() {
            let octets = row.octets(1)
            do throws(DecodeError) {
                sessions.append(try SessionRecord(decoding: octets))
            } catch {
                let node = String(decoding: row.octets(2), as: UTF8.self)
                refused.append(RefusedRecord(id: row[0], octets: octets, problem: "the record of \(node): \(error)"))
            }
        }
        return (sessions, refused)
    }

    /// What was lost, in words.
    private func put(aside refused: [RefusedRecord], in db: Database) throws -> [String] {
        for record in refused {
            let arguments: StatementArguments = [record.problem, Data(record.octets)]
            try execute(db, "INSERT INTO refused (problem, record) VALUES (?, ?)", arguments)
            try execute(db, "DELETE FROM session WHERE id = ?", [record.id])
        }
        return refused.map { "\($0.problem) (kept in the table \"refused\")" }
    }

    // MARK: Changes

    package func commit(_ changes: [StoredChange]) throws(StoreFailure) {
        guard !changes.isEmpty else { return }
        try write { db in
            // First what is given back, in whatever order it stands: it may be another's by now.
            var numbers: [SessionIdentifier: Int64] = [:]
            for change in changes {
                switch change {
                case .put(let record, _): numbers[record.identifier] = try release(record, in: db)
                case .remove(let session): try remove(session, from: db)
                case .floor(let floor): try put(floor, in: db)
                case .forget(let node): try forget(node, in: db)
                }
            }
            for case .put(let record, _) in changes { try put(record, number: numbers[record.identifier], in: db) }
        }
    }

    private func remove(_ session: SessionIdentifier, from db: Database) throws {
        let node = session.mobileNode
        try execute(
            db,
            "DELETE FROM session WHERE subtype = ? AND node = ? AND number = ?",
            [Int64(node.subtype), Data(node.octets), Int64(session.number)]
        )
    }

    private func put(_ floor: FloorRecord, in db: Database) throws {
        let node = floor.mobileNode
        try execute(
            db,
            "INSERT OR REPLACE INTO floor (subtype, node, sequence, timestamp) VALUES (?, ?, ?, ?)",
            [
                Int64(node.subtype), Data(node.octets), Int64(floor.sequence),
                floor.timestamp.map { Int64(bitPattern: $0.value) },
            ]
        )
    }

    private func forget(_ node: NodeIdentifier, in db: Database) throws {
        let delete = "DELETE FROM floor WHERE subtype = ? AND node = ?"
        try execute(db, delete, [Int64(node.subtype), Data(node.octets)])
    }

    /// What the session has no more. Its number; nil if it is not there yet.
    private func release(_ record: SessionRecord, in db: Database) throws -> Int64? {
        let (node, number) = (record.identifier.mobileNode, record.identifier.number)
        let select = "SELECT id, uplink_key FROM session WHERE subtype = ? AND node = ? AND number = ?"
        let row = try Row.fetchOne(
            db.cachedStatement(sql: select),
            arguments: [Int64(node.subtype), Data(node.octets), Int64(number)]
        )
        guard let row else { return nil }
        let id: Int64 = row[0]
        if (row[1] as Int64?) != record.uplinkKey.map(Int64.init) {
            try execute(db, "UPDATE session SET uplink_key = NULL WHERE id = ?", [id])
        }
        for prefix in try prefixes(of: id, in: db).subtracting(record.storedPrefixes) {
            try execute(db, "DELETE FROM prefix WHERE session = ? AND prefix = ?", [id, prefix])
        }
        return id
    }

    private func put(_ record: SessionRecord, number known: Int64?, in db: Database) throws {
        let key = record.uplinkKey.map(Int64.init)
        let id: Int64
        if let known {
            id = known
            try execute(
                db,
                "UPDATE session SET uplink_key = ?, record = ? WHERE id = ?",
                [key, Data(record.octets), id]
            )
        } else {
            let node = record.identifier.mobileNode
            try execute(
                db,
                "INSERT INTO session (subtype, node, number, uplink_key, record) VALUES (?, ?, ?, ?, ?)",
                [Int64(node.subtype), Data(node.octets), Int64(record.identifier.number), key, Data(record.octets)]
            )
            id = db.lastInsertedRowID
        }
        for prefix in record.storedPrefixes.subtracting(try prefixes(of: id, in: db)) {
            try execute(db, "INSERT INTO prefix (prefix, session) VALUES (?, ?)", [prefix, id])
        }
    }

    private func prefixes(of session: Int64, in db: Database) throws -> Set<Data> {
        let select = try db.cachedStatement(sql: "SELECT prefix FROM prefix WHERE session = ?")
        return try Data.fetchSet(select, arguments: [session])
    }

    private static let putState = "INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)"

    // MARK: End

    package func close() {
        // The write-ahead file goes into the main one.
        try? database?.close()
        database = nil
        lock = nil
    }
}

extension SessionRecord {
    fileprivate var storedPrefixes: Set<Data> {
        Set(
            prefixes.map {
                var writer = ByteWriter()
                writer.prefix($0)
                return Data(writer.octets)
            }
        )
    }
}

extension Row {
    fileprivate func octets(_ column: Int) -> [UInt8] { (self[column] as Data?).map { Array($0) } ?? [] }
}

extension StoreFailure {
    /// What SQLite says.
    init(_ error: any Error) {
        if let failure = error as? StoreFailure {
            self = failure
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unwritable, "\(error)")
            return
        }
        let problem = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: self.init(.damaged, problem)
        case .SQLITE_CONSTRAINT: self.init(.contradiction, problem)
        default: self.init(.unwritable, problem)
        }
    }
}
