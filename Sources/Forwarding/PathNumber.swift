// SPDX-License-Identifier: Apache-2.0

/// The data plane's name of a path: one tunnel of a session. Unique over all sessions while installed.
package struct PathNumber: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }
}
