// SPDX-License-Identifier: Apache-2.0

/// Something in the lab that cannot go on, in an operator's words.
package struct LabFailure: Error, CustomStringConvertible, Sendable {
    package var description: String

    package init(_ description: String) { self.description = description }
}
