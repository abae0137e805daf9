// SPDX-License-Identifier: Apache-2.0

/// An option of a DHCPv6 message: code, length in octets, content (RFC 8415 §21.1).
package enum DHCPv6Option: Equatable, Sendable {
    case clientIdentifier(DHCPUniqueIdentifier)
    case serverIdentifier(DHCPUniqueIdentifier)
    /// IA_NA
    case addressAssociation(DHCPv6Association)
    /// The codes of options that are wanted.
    case optionRequest([UInt16])
    /// Since the client's first attempt, in hundredths of a second.
    case elapsedTime(UInt16)
    case status(DHCPv6Status)
    case rapidCommit
    /// A relayed message, within a relay agent's only.
    case relayMessage([UInt8])
    /// Likewise: what the relay agent calls the link.
    case interfaceIdentifier([UInt8])
    /// Likewise: what it calls the client, after whose way of naming (RFC 4649 §3).
    case remoteIdentifier(enterprise: UInt32, [UInt8])
    /// RFC 3646 §3
    case domainNameServers([IPv6Address])
    /// IA_PD
    case prefixAssociation(DHCPv6Association)
    /// IAPREFIX, within an IA_PD only.
    case prefix(DelegatedPrefix)
    /// One that we do not read, or not in this place.
    case other(code: UInt16, content: [UInt8])

    package enum Code: UInt16, Sendable {
        case clientIdentifier = 1
        case serverIdentifier = 2
        case addressAssociation = 3
        case temporaryAddresses = 4
        case optionRequest = 6
        case elapsedTime = 8
        case relayMessage = 9
        case status = 13
        case rapidCommit = 14
        case interfaceIdentifier = 18
        case domainNameServers = 23
        case prefixAssociation = 25
        case prefix = 26
        case remoteIdentifier = 37
    }

    /// What the option stands in. It bounds how deep options lie within one another.
    enum Place { case message, relayMessage, addressAssociation, prefixAssociation, prefix }

    /// Reads options to the end. One whose content does not suit its code spoils the message (RFC 8415 §16).
    static func all(decoding reader: inout ByteReader, within place: Place) throws(DecodeError) -> [DHCPv6Option] {
        var options: [DHCPv6Option] = []
        while !reader.isAtEnd {
            let code = try reader.uint16("option-code")
            let length = try reader.uint16("option-len")
            var content = try reader.slice(Int(length), "option \(code)")
            options.append(try DHCPv6Option(code, &content, within: place))
            try content.finish("option \(code)")
        }
        return options
    }

    private init(_ code: UInt16, _ content: inout ByteReader, within place: Place) throws(DecodeError) {
        switch (Code(rawValue: code), place) {
        case (.clientIdentifier, .message): self = .clientIdentifier(try Self.identifier(&content))
        case (.serverIdentifier, .message): self = .serverIdentifier(try Self.identifier(&content))
        case (.optionRequest, .message):
            var codes: [UInt16] = []
            while !content.isAtEnd { codes.append(try content.uint16("requested-option-code")) }
            self = .optionRequest(codes)
        case (.elapsedTime, .message): self = .elapsedTime(try content.uint16("elapsed-time"))
        case (.rapidCommit, .message): self = .rapidCommit
        case (.domainNameServers, .message):
            var addresses: [IPv6Address] = []
            while !content.isAtEnd { addresses.append(try content.ipv6Address("DNS-recursive-name-server")) }
            self = .domainNameServers(addresses)
        case (.addressAssociation, .message):
            self = .addressAssociation(try DHCPv6Association(&content, within: .addressAssociation))
        case (.prefixAssociation, .message):
            self = .prefixAssociation(try DHCPv6Association(&content, within: .prefixAssociation))
        case (.prefix, .prefixAssociation): self = .prefix(try DelegatedPrefix(&content))
        case (.relayMessage, .relayMessage): self = .relayMessage(content.rest())
        case (.interfaceIdentifier, .relayMessage): self = .interfaceIdentifier(content.rest())
        case (.remoteIdentifier, .relayMessage):
            self = .remoteIdentifier(enterprise: try content.uint32("enterprise-number"), content.rest())
        case (.status, _): self = .status(try DHCPv6Status(&content))
        case (_, _): self = .other(code: code, content: content.rest())
        }
    }

    private static func identifier(_ content: inout ByteReader) throws(DecodeError) -> DHCPUniqueIdentifier {
        let (offset, octets) = (content.offset, content.rest())
        guard let identifier = DHCPUniqueIdentifier(octets) else {
            throw DecodeError(.badLength(octets.count), field: "DUID", offset: offset)
        }
        return identifier
    }

    func encode(into writer: inout ByteWriter) {
        writer.uint16(code)
        let start = writer.count
        writer.uint16(0)
        switch self {
        case .clientIdentifier(let identifier), .serverIdentifier(let identifier): writer.bytes(identifier.octets)
        case .addressAssociation(let association), .prefixAssociation(let association):
            association.encode(into: &writer)
        case .optionRequest(let codes): for code in codes { writer.uint16(code) }
        case .elapsedTime(let time): writer.uint16(time)
        case .status(let status):
            writer.uint16(status.code)
            writer.bytes(status.message)
        case .rapidCommit: break
        case .relayMessage(let octets), .interfaceIdentifier(let octets): writer.bytes(octets)
        case .remoteIdentifier(let enterprise, let identifier):
            writer.uint32(enterprise)
            writer.bytes(identifier)
        case .domainNameServers(let addresses): for address in addresses { writer.ipv6Address(address) }
        case .prefix(let prefix): prefix.encode(into: &writer)
        case .other(_, let content): writer.bytes(content)
        }
        writer.patch(uint16: UInt16(clamping: writer.count - start - 2), at: start)
    }

    package var code: UInt16 {
        let code: Code
        switch self {
        case .clientIdentifier: code = .clientIdentifier
        case .serverIdentifier: code = .serverIdentifier
        case .addressAssociation: code = .addressAssociation
        case .optionRequest: code = .optionRequest
        case .elapsedTime: code = .elapsedTime
        case .status: code = .status
        case .rapidCommit: code = .rapidCommit
        case .relayMessage: code = .relayMessage
        case .interfaceIdentifier: code = .interfaceIdentifier
        case .remoteIdentifier: code = .remoteIdentifier
        case .domainNameServers: code = .domainNameServers
        case .prefixAssociation: code = .prefixAssociation
        case .prefix: code = .prefix
        case .other(let number, _): return number
        }
        return code.rawValue
    }
}

extension [DHCPv6Option] {
    /// Of several the first counts.
    var status: DHCPv6Status? {
        for case .status(let status) in self { return status }
        return nil
    }
}
