// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a configuration file, for the operator who wrote it. Never names a key's secret.
package struct ConfigurationError: Error, Equatable, Sendable {
    /// The file's path as it was given.
    package var file: String
    /// Counted from 1; nil if the file as a whole is meant.
    package var line: Int?
    /// Such as `mag.wans[1].family`, items counted from 0; empty if the file as a whole is meant.
    package var keyPath: String
    /// What is wrong, with the value that is.
    package var problem: String
    /// What would be right, where the problem does not say so.
    package var hint: String?

    package init(file: String, line: Int?, keyPath: String, problem: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.keyPath = keyPath
        self.problem = problem
        self.hint = hint
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// In the form `file:line: key path: problem; hint`.
    package var description: String {
        let position = line.map { "\(file):\($0): " } ?? "\(file): "
        return position + (keyPath.isEmpty ? "" : "\(keyPath): ") + problem + (hint.map { "; \($0)" } ?? "")
    }
}
