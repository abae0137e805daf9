// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A captured mobility message as text: a block of lines for people, one JSON object for programs.
package struct MessagePresentation: Sendable {
    private let message: CapturedMessage

    package init(_ message: CapturedMessage) { self.message = message }

    // MARK: - JSON

    /// On one line, every field of the message and its options.
    package var json: OrderedJSON {
        var members: [OrderedJSON.Member] = [
            .init("frame", .number(UInt64(clamping: message.frame))),
            .init("time", .string(message.time)),
            .init("source", .string(message.source.description)),
            .init("destination", .string(message.destination.description)),
        ]
        switch message.transport {
        case .ipv6: members.append(.init("transport", .string("ipv6")))
        case .udp(let source, let destination):
            members.append(.init("transport", .string("udp")))
            members.append(.init("source-port", .number(UInt64(source))))
            members.append(.init("destination-port", .number(UInt64(destination))))
        }
        members.append(.init("checksum", .string(message.checksum.rawValue)))
        switch message.header {
        case .success(let header): members += Self.members(of: header)
        case .failure(let failure):
            members.append(.init("error", .string(failure.description)))
            members.append(.init("octets", .string(message.octets.hexadecimal)))
        }
        return .object(members)
    }

    private static func members(of header: MobilityHeader) -> [OrderedJSON.Member] {
        [
            .init("message", .string(header.message.name)),
            .init("type", .number(UInt64(header.message.type))),
            .init("payload-proto", .number(UInt64(header.payloadProtocol))),
            .init("length", .number(UInt64(clamping: header.octets.count))),
            .init("fields", object(header.message.fields)),
            .init("options", .array(header.message.options.all.map { option($0) })),
        ]
    }

    private static func option(_ option: any MobilityOption) -> OrderedJSON {
        var members: [OrderedJSON.Member] = [
            .init("type", .number(UInt64(option.optionType))), .init("name", .string(option.optionName)),
        ]
        if let malformed = option as? MalformedOption {
            members.append(.init("error", .string(malformed.error.description)))
            members.append(.init("data", .string(malformed.content.hexadecimal)))
        } else {
            members.append(.init("fields", object(option.fields)))
        }
        return .object(members)
    }

    private static func object(_ fields: [Field]) -> OrderedJSON {
        .object(
            fields.map { field in
                switch field.value {
                case .number(let number): .init(field.name, .number(number))
                case .flag(let flag): .init(field.name, .bool(flag))
                case .text(let text): .init(field.name, .string(text))
                case .octets(let octets): .init(field.name, .string(octets.hexadecimal))
                }
            }
        )
    }

    // MARK: - Text

    /// Lines without an end of the last one: the message, its fields, one line an option.
    package var text: String {
        var lines = [heading]
        switch message.header {
        case .success(let header):
            lines[0] += "  \(header.message.name)"
            if header.payloadProtocol != IPProtocol.noNextHeader {
                lines.append("    Payload Proto \(header.payloadProtocol) instead of 59")
            }
            lines.append("    " + Self.line(header.message.fields))
            lines += header.message.options.all.map { Self.line($0) }
        case .failure(let failure):
            lines[0] += "  cannot be decoded: \(failure)"
            lines.append("    octets \(message.octets.hexadecimal)")
        }
        return lines.joined(separator: "\n")
    }

    private var heading: String {
        let ends: String
        let transport: String
        switch message.transport {
        case .ipv6:
            ends = "\(message.source) > \(message.destination)"
            transport = "IPv6"
        case .udp(let source, let destination):
            ends = "\(message.source):\(source) > \(message.destination):\(destination)"
            transport = "UDP"
        }
        return "\(message.frame)  \(message.time)  \(ends)  \(transport), checksum \(message.checksum.rawValue)"
    }

    private static func line(_ option: any MobilityOption) -> String {
        let number = String(option.optionType)
        let padding = String(repeating: " ", count: max(0, 3 - number.count))
        let start = "    \(padding)\(number)  \(option.optionName)"
        if let malformed = option as? MalformedOption {
            return "\(start): cannot be decoded: \(malformed.error); data \(malformed.content.hexadecimal)"
        }
        let fields = line(option.fields)
        return fields.isEmpty ? start : "\(start): \(fields)"
    }

    private static func line(_ fields: [Field]) -> String {
        fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }
}
