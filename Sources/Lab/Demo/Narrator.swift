// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Tells what happens, each line with the time since the start.
struct Narrator: Sendable {
    private let begin = ContinuousClock.now

    var elapsedSeconds: Double { (ContinuousClock.now - begin) / .seconds(1) }

    func say(_ text: String) {
        let tenths = Int(elapsedSeconds * 10)
        let time = "\(tenths / 10).\(tenths % 10)"
        let margin = String(repeating: " ", count: max(0, 6 - time.count))
        print("\(margin)\(time) s  \(text)")
        // Into a pipe or a file, lines would otherwise come in blocks.
        fflush(nil)
    }

    /// A table or a log, set apart.
    func show(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
            print("            \(line)")
        }
        fflush(nil)
    }
}
