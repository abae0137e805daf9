// SPDX-License-Identifier: Apache-2.0

/// A run of bits inside a big-endian word, declared as the RFC draws it: counted from the left, bit 0 first.
///
/// Declared once beside the diagram, so that no code masks by hand.
package struct BitField<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let shift: Int
    private let mask: Word

    /// `first` is the RFC's number of the leftmost bit of the field.
    package init(first: Int, width: Int = 1) {
        self.shift = Word.bitWidth - first - width
        self.mask = width >= Word.bitWidth ? Word.max : (1 << Word(width)) - 1
    }

    package func get(_ word: Word) -> Word { word >> Word(shift) & mask }
    package func isSet(_ word: Word) -> Bool { get(word) != 0 }

    package func set(_ value: Word, in word: inout Word) {
        word = word & ~(mask << Word(shift)) | (value & mask) << Word(shift)
    }

    package func set(_ value: Bool, in word: inout Word) { set(value ? 1 : 0, in: &word) }
}
