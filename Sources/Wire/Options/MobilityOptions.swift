// SPDX-License-Identifier: Apache-2.0

/// The options of a message in their order, padding included.
///
/// Options that were decoded remember their octets, so that a message goes out again exactly as it came, reserved bits
/// and odd padding included. Options that we append are aligned and padded as their RFC asks.
package struct MobilityOptions: Sendable {
    package struct Entry: Sendable {
        package var option: any MobilityOption
        /// Type, length and data as received; nil for an option of our own making.
        package var received: [UInt8]?
    }

    package private(set) var entries: [Entry] = []

    package init(_ options: [any MobilityOption] = []) {
        entries = options.map { Entry(option: $0, received: nil) }
    }

    package mutating func append(_ option: some MobilityOption) {
        entries.append(Entry(option: option, received: nil))
    }

    /// All but padding.
    package var all: [any MobilityOption] { entries.map(\.option).filter { !($0 is Padding) } }

    /// The first well-formed one; a second of a kind that may stand only once is thus not looked at.
    package func first<Option: MobilityOption>(_ kind: Option.Type) -> Option? {
        // A cast that fails is slow, and most do: the types are compared first.
        for entry in entries where type(of: entry.option) == kind { return entry.option as? Option }
        return nil
    }

    package func all<Option: MobilityOption>(_ kind: Option.Type) -> [Option] {
        entries.compactMap { type(of: $0.option) == kind ? $0.option as? Option : nil }
    }

    /// Options of a known type whose data could not be read.
    package var malformed: [MalformedOption] { all(MalformedOption.self) }

    /// The same options as if we had made them: received octets and padding forgotten.
    package var normalized: MobilityOptions { MobilityOptions(all) }

    /// Reads options to the end. Data that do not suit their option leave a `MalformedOption` behind, for the receiver
    /// to judge; only a length that runs past the end makes the whole unreadable.
    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        while !reader.isAtEnd {
            let type = try reader.octet("option type")
            if type == Padding.pad1 {
                entries.append(Entry(option: Padding(count: 1), received: [0]))
                continue
            }
            let length = Int(try reader.octet("option length"))
            let data = try reader.octets(length, "option \(type)")
            let option = OptionRegistry.option(type: type, data: data)
            entries.append(Entry(option: option, received: [type, UInt8(length)] + data))
        }
    }

    /// Writes the options from the current offset on (counted from the start of the mobility header), and padding to a
    /// multiple of eight octets (RFC 6275 §6.1.1).
    package func encode(into writer: inout ByteWriter) {
        for entry in entries {
            if let received = entry.received {
                writer.bytes(received)
                continue
            }
            if let padding = entry.option as? Padding {
                Padding.write(padding.count, into: &writer)
                continue
            }
            Padding.write(entry.option.alignment.padding(at: writer.count), into: &writer)
            entry.option.write(into: &writer)
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
