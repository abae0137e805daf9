// SPDX-License-Identifier: Apache-2.0

/// One range of a traffic selector, or its absence, as what is written and shown of it.
struct SelectorPart {
    var name: String
    var start: [UInt8]?
    var end: [UInt8]?
    var text: String
    var boundary: Int

    init<Value: SelectorField>(_ name: String, _ range: SelectorRange<Value>?) {
        self.name = name
        start = range.map { Self.octets($0.start) }
        end = range.flatMap { $0.end }.map { Self.octets($0) }
        text = range?.description ?? ""
        boundary = range == nil ? 1 : Value.boundary
    }

    private static func octets(_ value: some SelectorField) -> [UInt8] {
        var writer = ByteWriter()
        value.write(into: &writer)
        return writer.octets
    }
}
