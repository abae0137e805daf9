// SPDX-License-Identifier: Apache-2.0

/// The options of a message in their order, padding included.
///
/// Options that were decoded remember their octets, so that a message goes out again exactly as it came, reserved bits
/// and odd padding included. Options that we append are aligned and padded as their RFC asks.
package struct MobilityOptions: Sendable {
    package struct Entry: Sendable {
        package let option: any MobilityOption
        /// Type, length and data as received; nil for an option of our own making.
        package let received: ArraySlice<UInt8>?
        /// The option's Swift type: asking the option itself copies it, and every option is asked many times.
        fileprivate let kind: ObjectIdentifier

        init(_ option: any MobilityOption, received: ArraySlice<UInt8>? = nil) {
            self.option = option
            self.received = received
            kind = ObjectIdentifier(type(of: option))
        }
    }

    package private(set) var entries: [Entry] = []

    package init(_ options: [any MobilityOption] = []) {
        entries = options.map { Entry($0) }
    }

    package mutating func append(_ option: some MobilityOption) {
        entries.append(Entry(option))
    }

    /// All but padding.
    package var all: [any MobilityOption] {
        var all: [any MobilityOption] = []
        for index in entries.indices where entries[index].kind != Self.padding { all.append(entries[index].option) }
        return all
    }

    private static let padding = ObjectIdentifier(Padding.self)

    /// The first well-formed one; a second of a kind that may stand only once is thus not looked at.
    package func first<Option: MobilityOption>(_ kind: Option.Type) -> Option? {
        // A cast that fails is slow, and most do: the types are compared first.
        let kind = ObjectIdentifier(kind)
        for index in entries.indices where entries[index].kind == kind { return entries[index].option as? Option }
        return nil
    }

    package func all<Option: MobilityOption>(_ kind: Option.Type) -> [Option] {
        let kind = ObjectIdentifier(kind)
        var all: [Option] = []
        // Chained closures in a generic function cost ten times as much as what they look at.
        for index in entries.indices where entries[index].kind == kind {
            if let option = entries[index].option as? Option { all.append(option) }
        }
        return all
    }

    /// Options of a known type whose data could not be read.
    package var malformed: [MalformedOption] { all(MalformedOption.self) }

    /// The same options as if we had made them: received octets and padding forgotten.
    package var normalized: MobilityOptions { MobilityOptions(all) }

    /// Reads options to the end. Data that do not suit their option leave a `MalformedOption` behind, for the receiver
    /// to judge; only a length that runs past the end makes the whole unreadable.
    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        while !reader.isAtEnd {
            let start = reader.offset
            let type = try reader.octet("option type")
            if type == Padding.pad1 {
                entries.append(Entry(Padding(count: 1), received: reader.passed(since: start)))
                continue
            }
            let length = Int(try reader.octet("option length"))
            // The field's name is made only if it is needed.
            guard reader.remaining >= length else {
                throw DecodeError(.truncated, field: "option \(type)", offset: reader.offset)
            }
            let data = try reader.octets(length, "option data")
            let option = OptionRegistry.option(type: type, data: data)
            entries.append(Entry(option, received: reader.passed(since: start)))
        }
    }

    /// Writes the options from the current offset on (counted from the start of the mobility header), and padding to a
    /// multiple of eight octets (RFC 6275 §6.1.1).
    package func encode(into writer: inout ByteWriter) {
        for index in entries.indices {
            if let received = entries[index].received {
                writer.bytes(received)
                continue
            }
            let option = entries[index].option
            if entries[index].kind == Self.padding, let padding = option as? Padding {
                Padding.write(padding.count, into: &writer)
                continue
            }
            Padding.write(option.alignment.padding(at: writer.count), into: &writer)
            option.write(into: &writer)
        }
        Padding.write((8 - writer.count % 8) % 8, into: &writer)
    }
}

extension MobilityOptions: Equatable {
    /// The same options with the same data in the same order, whatever the padding.
    package static func == (a: Self, b: Self) -> Bool {
        let (mine, others) = (a.all, b.all)
        return mine.count == others.count
            && zip(mine, others).allSatisfy { $0.optionType == $1.optionType && $0.data == $1.data }
    }
}
