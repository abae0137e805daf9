// SPDX-License-Identifier: Apache-2.0

/// What the two binary traffic selectors have in common: flags that say which fields follow (RFC 6088 §3).
protocol BinaryTrafficSelector {
    init(decoding reader: inout ByteReader) throws(DecodeError)
    /// In the order of their flags.
    var parts: [SelectorPart] { get }
}

extension BinaryTrafficSelector {
    func encode(into writer: inout ByteWriter) {
        var flags: UInt32 = 0
        for (index, part) in parts.enumerated() {
            BitField<UInt32>(first: 2 * index).set(part.start != nil, in: &flags)
            BitField<UInt32>(first: 2 * index + 1).set(part.end != nil, in: &flags)
        }
        writer.uint32(flags)
        for part in parts { writer.bytes((part.start ?? []) + (part.end ?? [])) }
    }

    var fields: [Field] { parts.filter { $0.start != nil }.map { Field($0.name, $0.text) } }

    /// That of the widest field present.
    var alignment: OptionAlignment { OptionAlignment(parts.map(\.boundary).max() ?? 1, plus: 0) }
}
