// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A small file that is always whole: whoever reads it finds what it was before, or what it has become.
package enum ReplacedFile {
    /// nil if there is none.
    package static func read(_ path: String) throws(SystemError) -> String? {
        do throws(SystemError) {
            return try Sysctl.contents(of: path)
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// For its owner only. Returns when the text would survive the machine.
    package static func write(_ text: String, to path: String) throws(SystemError) {
        let next = "\(path).new"
        do {
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
            let file = try FileDescriptor(open(next, flags, 0o600), call: "open", subject: next)
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) }
                guard count > 0 else { throw SystemError(call: "write", subject: next) }
                rest = rest.dropFirst(count)
            }
            try SystemError.check(fsync(file.raw), "fsync", next)
        }
        try SystemError.check(rename(next, path), "rename", path)
        // The name as well.
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = try FileDescriptor(
            open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
            call: "open",
            subject: folder
        )
        try SystemError.check(fsync(directory.raw), "fsync", folder)
    }
}
