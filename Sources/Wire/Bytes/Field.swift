// SPDX-License-Identifier: Apache-2.0

/// One field of a decoded format under the name its RFC gives it: what `plait decode` and failure messages print.
package struct Field: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case number(UInt64)
        case flag(Bool)
        case text(String)
        case octets([UInt8])
    }

    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ number: some BinaryInteger) { self.init(name, .number(UInt64(clamping: number))) }
    package init(_ name: String, _ flag: Bool) { self.init(name, .flag(flag)) }
    package init(_ name: String, _ text: String) { self.init(name, .text(text)) }
    package init(_ name: String, _ octets: [UInt8]) { self.init(name, .octets(octets)) }

    /// The letters of the bits that are set; the first letter is the most significant bit's.
    package init(_ name: String, bits: some FixedWidthInteger & UnsignedInteger, letters: String) {
        let set = zip(letters, 0...).filter { (bits << $0.1) >> (bits.bitWidth - 1) != 0 }
        self.init(name, String(set.map(\.0)))
    }

    /// Octets that ought to be UTF-8: as text if they are and every character can be shown, else as they are.
    package init(_ name: String, text octets: [UInt8]) {
        let text = String(validating: octets, as: UTF8.self)
        let isShown = text?.unicodeScalars.allSatisfy { $0.properties.generalCategory.isShown } ?? false
        self.init(name, isShown ? .text(text ?? "") : .octets(octets))
    }
}

extension Field.Value: CustomStringConvertible {
    package var description: String {
        switch self {
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .text(let text): text
        case .octets(let octets): octets.hexadecimal
        }
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits an octet, without separators.
    package var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Unicode.GeneralCategory {
    /// Neither a control character nor one that only changes how others look.
    fileprivate var isShown: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
