// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Files that an operator names.
enum FileInput {
    /// To the end.
    static func contents(of path: String) throws(FileFailure) -> [UInt8] {
        guard let stream = fopen(path, "rb") else {
            throw FileFailure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(stream) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            guard count > 0 else { break }
            octets += chunk.prefix(count)
        }
        guard ferror(stream) == 0 else { throw FileFailure(description: "\(path): cannot be read") }
        return octets
    }

    static func text(of path: String) throws(FileFailure) -> String {
        guard let text = String(validating: try contents(of: path), as: UTF8.self) else {
            throw FileFailure(description: "\(path): is not UTF-8 text")
        }
        return text
    }
}

/// Why a file cannot be had.
package struct FileFailure: Error, CustomStringConvertible {
    package var description: String
}
