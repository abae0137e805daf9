// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The directories above a file.
package enum ParentDirectories {
    /// Makes those that are missing (mode 0755).
    package static func make(for path: String) throws(ManagementServerError) {
        let components = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
        var directory = path.hasPrefix("/") ? "" : "."
        for component in components {
            directory += "/\(component)"
            guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
                throw .system(call: "mkdir", path: directory, errorNumber: errno)
            }
        }
    }
}
