// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Text to a descriptor, unbuffered: a watcher must see each answer at once.
struct FileOutput {
    static let standardOutput = FileOutput(descriptor: STDOUT_FILENO)
    static let standardError = FileOutput(descriptor: STDERR_FILENO)

    let descriptor: Int32

    /// Writes everything; gives up silently if the reader has gone, as commands in a pipe do.
    func write(_ text: String) {
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                remaining = remaining.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
