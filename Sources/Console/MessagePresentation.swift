// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A captured packet as text: a block of lines for people, one JSON object for programs. It shows a mobility message with
/// all that it says, or the headers of a tunnel with a summary of what goes through it.
package struct MessagePresentation: Sendable {
    private let packet: CapturedPacket
    private let message: CapturedMessage?

    package init(_ packet: CapturedPacket) {
        self.packet = packet
        message = packet.message
    }

    // MARK: - JSON

    /// On one line, every field of the message and its options.
    package var json: OrderedJSON {
        var members: [OrderedJSON.Member] = [
            .init("frame", .number(UInt64(clamping: packet.frame))),
            .init("time", .string(packet.time)),
            .init("source", .string(packet.outer.source.description)),
            .init("destination", .string(packet.outer.destination.description)),
        ]
        switch packet.outer.transport {
        case .ipv4: members.append(.init("transport", .string("ipv4")))
        case .ipv6: members.append(.init("transport", .string("ipv6")))
        case .udp(let source, let destination):
            members.append(.init("transport", .string("udp")))
            members.append(.init("source-port", .number(UInt64(source))))
            members.append(.init("destination-port", .number(UInt64(destination))))
        }
        members.append(.init("checksum", .string(packet.checksum.rawValue)))
        if !packet.furtherHeaders.isEmpty {
            members.append(.init("headers", .array(packet.furtherHeaders.map { Self.object($0) })))
        }
        return .object(members + contentMembers)
    }

    private var contentMembers: [OrderedJSON.Member] {
        switch message?.header {
        case .success(let header): return Self.members(of: header)
        case .failure(let failure):
            let octets = message?.octets ?? []
            return [.init("error", .string(failure.description)), .init("octets", .string(octets.hexadecimal))]
        case nil: break
        }
        if let report = packet.report { return [.init("path-report", Self.object(report))] }
        if let probe = packet.sizeProbe { return [.init("path-size-probe", Self.object(probe.fields))] }
        switch packet.content {
        case .packet(let octets):
            guard let inner = InnerPacket(octets.span.bytes) else {
                return [.init("inner", .string(octets.hexadecimal))]
            }
            let flow = OrderedJSON.string(FiveTuple(inner).description)
            let length = OrderedJSON.number(UInt64(clamping: inner.length))
            return [.init("inner", .object([.init("flow", flow), .init("length", length)]))]
        case .message(let octets), .opaque(let octets):
            return [.init("octets", .string(octets.hexadecimal))]
        }
    }

    private static func object(_ header: CapturedHeader) -> OrderedJSON {
        .object([.init("name", .string(header.name)), .init("fields", object(header.fields))])
    }

    private static func object(_ report: PathReport) -> OrderedJSON {
        .object(
            [
                .init("fields", object(report.fields)),
                .init("paths", .array(report.receptions.map { object($0.fields) })),
                .init("runs", .array(report.runs.map { .number(UInt64($0)) })),
            ]
        )
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

    /// Lines without an end of the last one: the packet's ends, its headers, and the message, its fields, one line an
    /// option; or what goes through the tunnel.
    package var text: String {
        let headers = packet.furtherHeaders.map { "    \($0.name): \(Self.line($0.fields))" }
        var lines = [heading] + headers
        switch message?.header {
        case .success(let header):
            lines[0] += "  \(header.message.name)"
            if header.payloadProtocol != IPProtocol.noNextHeader {
                lines.append("    Payload Proto \(header.payloadProtocol) instead of 59")
            }
            if !header.message.fields.isEmpty { lines.append("    " + Self.line(header.message.fields)) }
            lines += header.message.options.all.map { Self.line($0) }
        case .failure(let failure):
            lines[0] += "  cannot be decoded: \(failure)"
            lines.append("    octets \((message?.octets ?? []).hexadecimal)")
        case nil:
            lines[0] += "  \(tunnelName)"
            lines += (probeLines ?? contentLine.map { [$0] } ?? []).map { "    " + $0 }
        }
        return lines.joined(separator: "\n")
    }

    private var heading: String {
        let (source, destination) = (packet.outer.source, packet.outer.destination)
        let ends: String
        let transport: String
        switch packet.outer.transport {
        case .ipv4, .ipv6:
            ends = "\(source) > \(destination)"
            transport = source.isIPv4 ? "IPv4" : "IPv6"
        case .udp(let sourcePort, let destinationPort):
            ends = "\(Self.end(source, sourcePort)) > \(Self.end(destination, destinationPort))"
            transport = "UDP"
        }
        return "\(packet.frame)  \(packet.time)  \(ends)  \(transport), checksum \(packet.checksum.rawValue)"
    }

    private static func end(_ address: IPAddress, _ port: UInt16) -> String {
        address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    /// By the headers between the outer packet and the inner one.
    private var tunnelName: String {
        let names = packet.furtherHeaders.map { $0.name }
        guard names.isEmpty else { return names.joined(separator: " ") }
        guard case .udp = packet.outer.transport else { return "IP-in-IP" }
        return packet.content == .opaque([]) ? "keepalive" : "UDP tunnel"
    }

    /// nil where the headers say all.
    private var contentLine: String? {
        switch packet.content {
        case .packet(let octets):
            guard let inner = InnerPacket(octets.span.bytes) else { return "inner packet: \(octets.hexadecimal)" }
            return "inner packet: \(FiveTuple(inner)), length \(inner.length)"
        case .message(let octets), .opaque(let octets):
            return octets.isEmpty ? nil : "octets \(octets.hexadecimal)"
        }
    }

    /// nil: it is none that says anything.
    private var probeLines: [String]? {
        packet.report.map { Self.lines($0) } ?? packet.sizeProbe.map { ["path size probe: \(Self.line($0.fields))"] }
    }

    private static func lines(_ report: PathReport) -> [String] {
        ["path report: \(line(report.fields))"] + report.receptions.map { "  path: \(line($0.fields))" }
            + (report.runs.isEmpty ? [] : ["  missing and arrived in turn: \(report.runsText)"])
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
