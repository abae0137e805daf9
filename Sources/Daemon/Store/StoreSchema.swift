// SPDX-License-Identifier: Apache-2.0
import GRDB

/// The store's tables. What is in use somewhere is never changed: another version adds statements behind.
enum StoreSchema {
    /// In the file's header, so that nobody takes another program's file for ours: "Plai".
    static let applicationID: Int32 = 0x506C_6169

    /// Each takes the file from its place in the list to the next; `user_version` counts those that were made.
    static let migrations: [[String]] = [
        [
            "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            """
            CREATE TABLE session (
                id INTEGER PRIMARY KEY,
                subtype INTEGER NOT NULL,
                node BLOB NOT NULL,
                number INTEGER NOT NULL,
                uplink_key INTEGER UNIQUE,
                record BLOB NOT NULL,
                UNIQUE (subtype, node, number)
            ) STRICT
            """,
            """
            CREATE TABLE prefix (
                prefix BLOB NOT NULL,
                session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
                PRIMARY KEY (prefix, session)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX prefix_of_session ON prefix (session)",
            // A node's own sessions may share a prefix (RFC 7864 §3.2.1); nobody else may have it.
            """
            CREATE TRIGGER one_node_for_a_prefix BEFORE INSERT ON prefix WHEN EXISTS (
                SELECT 1 FROM prefix AS other
                    JOIN session AS holder ON holder.id = other.session
                    JOIN session AS taker ON taker.id = NEW.session
                WHERE other.prefix = NEW.prefix
                    AND (holder.subtype <> taker.subtype OR holder.node <> taker.node)
            ) BEGIN SELECT RAISE(ABORT, 'the prefix is another node''s'); END
            """,
            """
            CREATE TABLE floor (
                subtype INTEGER NOT NULL, node BLOB NOT NULL, sequence INTEGER NOT NULL, timestamp INTEGER,
                PRIMARY KEY (subtype, node)
            ) STRICT, WITHOUT ROWID
            """,
            // What could not be read, as it was: nothing damaged is ever thrown away.
            "CREATE TABLE refused (refused_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, problem TEXT NOT NULL, record BLOB)",
        ]
    ]

    /// Brings the file to this version. Throws `foreign` for one that is not ours, or newer.
    static func prepare(_ db: Database, at path: String) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard application == applicationID || tables == 0 && version == 0 && application == 0 else {
            throw StoreFailure(.foreign, "\(path) is another program's database", hint: "name another file")
        }
        guard version <= migrations.count else {
            throw StoreFailure(
                .foreign,
                "\(path) was written by a later version of Plait (format \(version), this one knows \(migrations.count))",
                hint: "run that version, or name another file"
            )
        }
        guard version < migrations.count else { return }
        try db.inTransaction {
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            for statement in migrations.dropFirst(version).joined() { try db.execute(sql: statement) }
            try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
            return .commit
        }
    }
}
