// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Writes files with keys: nobody but their owner reads them, and none is overwritten unasked.
package struct ConfigurationOutput: Sendable {
    /// Why a file was not written.
    package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        package let path: String
        package let errorNumber: Int32

        package init(path: String, errorNumber: Int32) {
            self.path = path
            self.errorNumber = errorNumber
        }

        package var description: String {
            errorNumber == EEXIST
                ? "\(path) is there already; --force overwrites it"
                : "\(path) cannot be written: \(String(cString: strerror(errorNumber)))"
        }
    }

    private let isForced: Bool

    package init(isForced: Bool) { self.isForced = isForced }

    /// Either all of them are written, or none is begun.
    package func write(_ files: [(path: String, text: String)]) throws(Failure) {
        for (path, _) in files where !isForced && access(path, F_OK) == 0 {
            throw Failure(path: path, errorNumber: EEXIST)
        }
        for (path, text) in files { try write(text, to: path) }
    }

    private func write(_ text: String, to path: String) throws(Failure) {
        func failure() -> Failure { Failure(path: path, errorNumber: errno) }
        // A new file takes the old one's place: who has that open reads no key.
        if isForced, unlink(path) != 0, errno != ENOENT { throw failure() }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
    }
}
