// SPDX-License-Identifier: Apache-2.0
import LinuxIO

/// Why the kernel's packet filter did not take our rules.
package struct FilterFailure: Error, Equatable, Sendable {
    package let problem: String
    package var hint: String?

    init(_ error: SystemError) {
        // ENOENT
        if error.errno == 2 {
            problem = "needs the program nft, which is not installed"
            hint = "on Debian: apt-get install nftables"
        } else {
            problem = "\(error)"
        }
    }

    /// - Parameter complaint: what nft printed, over several lines.
    init(complaint: String) {
        let lines = complaint.split(whereSeparator: \.isNewline).filter { $0.contains("Error") }
        problem =
            "nft refuses our rules: \(lines.joined(separator: " ").isEmpty ? complaint : lines.joined(separator: " "))"
    }
}

extension FilterFailure: CustomStringConvertible {
    package var description: String { problem + (hint.map { "; \($0)" } ?? "") }
}
