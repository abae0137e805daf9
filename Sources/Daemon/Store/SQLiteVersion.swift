// SPDX-License-Identifier: Apache-2.0
import GRDB

/// Of the library that keeps bindings, for the log.
enum SQLiteVersion {
    static func text() throws -> String {
        try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") ?? "" }
    }
}
