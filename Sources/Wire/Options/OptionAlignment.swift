// SPDX-License-Identifier: Apache-2.0

/// "xn+y" of the RFCs: the type octet stands at an offset that leaves `remainder` when divided by `multiple`.
package struct OptionAlignment: Equatable, Sendable {
    package var multiple: Int
    package var remainder: Int

    package init(_ multiple: Int, plus remainder: Int) {
        self.multiple = multiple
        self.remainder = remainder
    }

    package static let none = OptionAlignment(1, plus: 0)

    /// Octets of padding wanted in front of an option that would else start at `offset`.
    package func padding(at offset: Int) -> Int {
        let excess = (offset - remainder) % multiple
        return excess == 0 ? 0 : excess < 0 ? -excess : multiple - excess
    }
}
