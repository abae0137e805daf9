// SPDX-License-Identifier: Apache-2.0

/// The data plane's name of a session: one mobile node's bindings together. Never reused while installed.
package struct SessionNumber: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }
}
