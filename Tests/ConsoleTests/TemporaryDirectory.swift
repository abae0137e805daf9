// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A directory of a test's own, removed with what is in it (one level deep) at the end.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/plait-console-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(errorNumber: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct Failure: Error { let errorNumber: Int32 }

    deinit {
        for directory in ["\(path)/run", path] {
            guard let stream = opendir(directory) else { continue }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(directory)/\(name)")
            }
            closedir(stream)
            rmdir(directory)
        }
    }

    func exists(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
}
