// SPDX-License-Identifier: Apache-2.0

extension FiveTuple {
    /// What ``description`` writes: `tcp 10.0.0.1:5000 > 192.0.2.1:80`, IPv6 addresses with a port in brackets. The arrow
    /// may be absent, which a shell would take for its own.
    package init?(_ text: String) {
        let words = text.split(separator: " ").filter { $0 != ">" && $0 != "->" }
        guard words.count == 3, let source = Self.end(words[1]), let destination = Self.end(words[2]),
            source.address.isIPv4 == destination.address.isIPv4,
            let number = Self.number(of: words[0].lowercased(), isIPv4: source.address.isIPv4)
        else { return nil }
        self.init(
            source: source.address,
            destination: destination.address,
            protocolNumber: number,
            sourcePort: source.port,
            destinationPort: destination.port
        )
    }

    private static func number(of name: String, isIPv4: Bool) -> UInt8? {
        switch name {
        case "tcp": IPProtocol.tcp
        case "udp": IPProtocol.udp
        case "icmp": isIPv4 ? IPProtocol.icmp : IPProtocol.icmpv6
        case _ where name.hasPrefix("proto-"): UInt8(name.dropFirst(6))
        default: nil
        }
    }

    private static func end(_ text: Substring) -> (address: IPAddress, port: UInt16)? {
        if let address = IPAddress(text) { return (address, 0) }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            // An address without a port, as some write it.
            guard text.first == "[", text.last == "]" else { return nil }
            return IPAddress(text.dropFirst().dropLast()).map { ($0, 0) }
        }
        let host = text[..<colon]
        let isBracketed = host.first == "[" && host.last == "]"
        guard let address = IPAddress(isBracketed ? host.dropFirst().dropLast() : host), address.isIPv4 != isBracketed
        else { return nil }
        return (address, port)
    }
}
