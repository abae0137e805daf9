// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Octets with comments, and what they mean: lines of hexadecimal octets, `#` before a comment, `= name value` for
/// each expectation.
struct VectorFile: CustomTestStringConvertible {
    var name: String
    var octets: [UInt8]
    var expectations: [String]

    var testDescription: String { name }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()

    /// All of a folder, by name.
    static func all(in folder: String) -> [VectorFile] {
        let folder = root.appending(path: "Vectors/\(folder)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".hex") }.sorted().compactMap { name in
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).map { VectorFile(name, $0) }
        }
    }

    private init(_ name: String, _ text: String) {
        self.name = name
        let lines = text.split(separator: "\n").map { String($0) }
        expectations = lines.filter { $0.hasPrefix("=") }.map {
            $0.dropFirst().trimmingCharacters(in: .whitespaces)
        }
        octets = lines.filter { !$0.hasPrefix("=") }.flatMap { line in
            line.prefix { $0 != "#" }.split(separator: " ").map { UInt8($0, radix: 16) ?? 0xEE }
        }
    }
}
