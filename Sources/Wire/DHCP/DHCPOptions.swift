// SPDX-License-Identifier: Apache-2.0

/// The options of a DHCP message, in their order, each code once (RFC 2132; a long one in several parts, RFC 3396).
package struct DHCPOptions: Equatable, Sendable {
    package enum Code: UInt8, Sendable {
        case subnetMask = 1
        case routers = 3
        case domainNameServers = 6
        case hostName = 12
        case interfaceMTU = 26
        case broadcastAddress = 28
        case requestedAddress = 50
        case leaseTime = 51
        case overload = 52
        case messageType = 53
        case serverIdentifier = 54
        case renewalTime = 58
        case rebindingTime = 59
        case clientIdentifier = 61
        /// RFC 3046
        case relayAgentInformation = 82
    }

    static let pad: UInt8 = 0
    static let end: UInt8 = 255

    package struct Option: Equatable, Sendable {
        package let code: UInt8
        package var content: [UInt8]
    }

    package private(set) var all: [Option] = []

    package init() {}

    package subscript(code: Code) -> [UInt8]? {
        get { all.first { $0.code == code.rawValue }?.content }
        set {
            all.removeAll { $0.code == code.rawValue }
            if let newValue { all.append(Option(code: code.rawValue, content: newValue)) }
        }
    }

    /// nil unless it is exactly one address.
    package func address(_ code: Code) -> IPv4Address? {
        guard let content = self[code], content.count == 4 else { return nil }
        return IPv4Address(content.reduce(0) { $0 << 8 | UInt32($1) })
    }

    package mutating func set(_ code: Code, _ addresses: [IPv4Address]) { self[code] = addresses.flatMap(\.octets) }

    package mutating func set(_ code: Code, _ value: UInt32) { self[code] = IPv4Address(value).octets }

    // MARK: Octets

    /// Reads up to the end option; without one, to the end (RFC 2131 §3 wants one, and not all have it).
    mutating func read(_ reader: inout ByteReader) throws(DecodeError) {
        while !reader.isAtEnd {
            let code = try reader.octet("option code")
            if code == Self.pad { continue }
            if code == Self.end { return }
            let length = try reader.octet("option length")
            let content = try reader.octets(Int(length), "option \(code)")
            if let place = all.firstIndex(where: { $0.code == code }) {
                all[place].content += content
            } else {
                all.append(Option(code: code, content: content))
            }
        }
    }

    func write(into writer: inout ByteWriter) {
        for option in all {
            var rest = option.content[...]
            repeat {
                let part = rest.prefix(255)
                rest = rest.dropFirst(255)
                writer.octet(option.code)
                writer.octet(UInt8(part.count))
                writer.bytes(part)
            } while !rest.isEmpty
        }
        writer.octet(Self.end)
    }
}
