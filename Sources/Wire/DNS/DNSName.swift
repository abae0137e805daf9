// SPDX-License-Identifier: Apache-2.0

/// Domain names in messages (RFC 1035 §4.1.4): labels, and pointers to where the rest of a name has stood before.
enum DNSName {
    /// In octets as they are sent (RFC 1035 §2.3.4).
    private static let lengthLimit = 255
    /// Nobody needs more than a few: this bounds what a message can cost.
    private static let pointersLimit = 16

    /// The name where the reader stands, which then stands behind it; `octets` are the message's. In small letters
    /// without the dot at the end. nil if it has other characters than names of hosts and services.
    static func read(_ reader: inout ByteReader, in octets: [UInt8]) throws(DecodeError) -> String? {
        var labels: [String] = []
        var isPlain = true
        var length = 0
        // Each pointer leads to before the place where the last one led: so none leads in a circle.
        var start = reader.offset
        var pointers = 0
        var rest: ByteReader?
        while true {
            let offset = (rest ?? reader).offset
            let octet = try Self.take(&reader, &rest) { (reader) throws(DecodeError) in try reader.octet("label") }
            switch octet {
            case 0: return isPlain ? labels.joined(separator: ".") : nil
            case 1...63:
                length += Int(octet) + 1
                guard length < lengthLimit else { throw DecodeError(.badLength(length), field: "name", offset: offset) }
                let label = try Self.take(&reader, &rest) { (reader) throws(DecodeError) in
                    try reader.octets(Int(octet), "label")
                }
                isPlain = isPlain && label.allSatisfy(isPlainCharacter)
                labels.append(String(decoding: label, as: UTF8.self).lowercased())
            case 0xC0...:
                let low = try Self.take(&reader, &rest) { (reader) throws(DecodeError) in try reader.octet("pointer") }
                let target = Int(octet & 0x3F) << 8 | Int(low)
                pointers += 1
                guard target < start, pointers <= pointersLimit else {
                    throw DecodeError(.badValue(UInt64(target)), field: "pointer", offset: offset)
                }
                start = target
                var whole = ByteReader(octets)
                try whole.skip(target, "pointer")
                rest = whole
            default: throw DecodeError(.badValue(UInt64(octet)), field: "label", offset: offset)
            }
        }
    }

    /// From behind the last pointer, or else from where the name began.
    private static func take<Value>(
        _ reader: inout ByteReader,
        _ rest: inout ByteReader?,
        _ read: (inout ByteReader) throws(DecodeError) -> Value
    ) throws(DecodeError) -> Value {
        guard var behind = rest else { return try read(&reader) }
        defer { rest = behind }
        return try read(&behind)
    }

    private static func isPlainCharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }
}
