// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc

extension Journal {
    /// A program that another test is just starting may still hold the file of the run before: every open file is a new
    /// process's as well until it becomes its program.
    static func waited(beside socket: String) throws -> Journal {
        for _ in 0..<1000 {
            if let journal = try? Journal(beside: socket) { return journal }
            usleep(5000)
        }
        return try Journal(beside: socket)
    }
}
