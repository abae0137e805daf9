// SPDX-License-Identifier: Apache-2.0
#if canImport(GRDB)
    import FoundationEssentials
    import GRDB

    /// What the disk can do at most: one table, one record a node, in SQLite as the anchor uses it (WAL, FULL).
    struct StoreBaseline {
        private static let record = Data(repeating: 0x55, count: 400)
        private let queue: DatabaseQueue

        init(path: String) throws {
            var configuration = Configuration()
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write {
                try $0.execute(sql: "CREATE TABLE binding (node TEXT PRIMARY KEY, record BLOB NOT NULL)")
            }
        }

        /// Upserts a second, `batch` of them a transaction.
        func rate(_ count: Int, batch: Int) throws -> Double {
            let clock = ContinuousClock()
            let took = try clock.measure {
                for start in stride(from: 0, to: count, by: batch) {
                    try queue.write { db in
                        let statement = try db.cachedStatement(
                            sql: "INSERT OR REPLACE INTO binding (node, record) VALUES (?, ?)"
                        )
                        for number in start..<start + batch {
                            try statement.execute(arguments: ["cpe\(number)@mag.example.net", Self.record])
                        }
                    }
                }
            }
            let (seconds, attoseconds) = took.components
            return Double(count) / (Double(seconds) + Double(attoseconds) / 1e18)
        }
    }
#endif
