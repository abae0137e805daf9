// SPDX-License-Identifier: Apache-2.0

/// Another policy in place of the one in force, until the daemon's end: the body of `POST /v1/policies`.
package struct PolicyRequest: Codable, Sendable, Equatable {
    /// The file's name, for errors and for `show policy`.
    package var file: String
    /// Its content, in YAML.
    package var text: String

    package init(file: String, text: String) {
        self.file = file
        self.text = text
    }
}
