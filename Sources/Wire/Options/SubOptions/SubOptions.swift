// SPDX-License-Identifier: Apache-2.0

/// The sub-options of a mobility option in their order, without padding. Unknown ones are kept octet for octet.
package struct SubOptions: Sendable {
    package private(set) var all: [any SubOption]

    package init(_ all: [any SubOption] = []) { self.all = all }

    package mutating func append(_ subOption: some SubOption) { all.append(subOption) }

    /// The first well-formed one; a second of a kind that may stand only once is thus not looked at.
    package func first<Kind: SubOption>(_ kind: Kind.Type) -> Kind? {
        for subOption in all { if let found = subOption as? Kind { return found } }
        return nil
    }

    package func all<Kind: SubOption>(_ kind: Kind.Type) -> [Kind] { all.compactMap { $0 as? Kind } }

    /// Sub-options of a known type whose data could not be read.
    package var malformed: [MalformedOption] { all(MalformedOption.self) }

    /// Reads sub-options to the end. Only a length that runs past the end makes the whole unreadable.
    init(decoding reader: inout ByteReader, known registry: SubOptionRegistry) throws(DecodeError) {
        all = []
        while !reader.isAtEnd {
            let type = try reader.octet("sub-option type")
            if registry.hasPadding, type == Padding.pad1 { continue }
            let length = Int(try reader.octet("sub-option length"))
            let data = try reader.octets(length, "sub-option \(type)")
            if registry.hasPadding, type == Padding.padN { continue }
            all.append(registry.subOption(type: type, data: data))
        }
    }

    /// As above, where an option without any is no option.
    init(
        decoding reader: inout ByteReader,
        known registry: SubOptionRegistry,
        atLeastOneIn option: String
    ) throws(DecodeError) {
        let start = reader.offset
        try self.init(decoding: &reader, known: registry)
        guard !all.isEmpty else { throw DecodeError(.badLength(0), field: option, offset: start) }
    }

    /// One behind the other, without padding.
    func encode(into writer: inout ByteWriter) {
        for subOption in all { subOption.write(into: &writer) }
    }

    /// Each where it wants to stand, provided that the option does that carries them, whose data begin at `start`.
    func encodeAligned(into writer: inout ByteWriter, dataFrom start: Int) {
        for subOption in all {
            // Type and length go before the data.
            Padding.write(subOption.alignment.padding(at: writer.count - start + 2), into: &writer)
            subOption.write(into: &writer)
        }
    }

    /// Where the option has to stand that carries them aligned, and wants a multiple of `least` itself.
    func alignment(atLeast least: Int) -> OptionAlignment {
        OptionAlignment(all.map(\.alignment.multiple).reduce(least, max), plus: 0)
    }

    /// Those of each sub-option, its name in front and, if it is not the first of that name, its number.
    package var fields: [Field] {
        var counts: [String: Int] = [:]
        return all.flatMap { subOption in
            let name = Self.label(subOption)
            let count = counts[name, default: 0] + 1
            counts[name] = count
            let prefix = count == 1 ? name : "\(name)-\(count)"
            return subOption.fields.map { Field("\(prefix).\($0.name)", $0.value) }
        }
    }

    private static func label(_ subOption: any SubOption) -> String {
        if subOption is UnknownOption { return "sub-option-\(subOption.optionType)" }
        return subOption.optionName.lowercased().split(separator: " ").joined(separator: "-")
    }
}

extension SubOptions: Equatable {
    /// The same sub-options with the same data in the same order.
    package static func == (a: Self, b: Self) -> Bool {
        a.all.count == b.all.count
            && zip(a.all, b.all).allSatisfy { $0.optionType == $1.optionType && $0.data == $1.data }
    }
}
