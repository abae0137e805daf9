// SPDX-License-Identifier: Apache-2.0

/// Why a store cannot be read or written.
package struct StoreFailure: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// Full, read-only, failing: may pass.
        case unwritable
        /// The file's octets are not what was written.
        case damaged
        /// Of a later version, or another program's: not ours to touch.
        case foreign
        /// Two sessions would have the same prefix or key: ours to mend.
        case contradiction
    }

    package var kind: Kind
    package var problem: String
    package var hint: String?

    package init(_ kind: Kind, _ problem: String, hint: String? = nil) {
        self.kind = kind
        self.problem = problem
        self.hint = hint
    }
}

extension StoreFailure: CustomStringConvertible {
    package var description: String { hint.map { "\(problem); \($0)" } ?? problem }
}
