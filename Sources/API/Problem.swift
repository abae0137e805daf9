// SPDX-License-Identifier: Apache-2.0

/// Why a request was not answered as asked; the body of every answer that is not 200.
package struct Problem: Error, Codable, Sendable, Equatable {
    /// What is wrong, in a few words.
    package var title: String
    /// What exactly, and what would be right.
    package var detail: String

    package init(title: String, detail: String) {
        self.title = title
        self.detail = detail
    }
}

extension Problem: CustomStringConvertible {
    package var description: String { "\(title): \(detail)" }
}
