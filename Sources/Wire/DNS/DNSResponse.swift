// SPDX-License-Identifier: Apache-2.0

/// What a response of the DNS says of the addresses of the name that was asked for (RFC 1035 §4.1, RFC 3596 §2).
package struct DNSResponse: Equatable, Sendable {
    package struct Address: Hashable, Sendable {
        package var address: IPAddress
        /// Seconds.
        package var timeToLive: UInt32
    }

    /// The name asked for, and those that it is an alias of, one after another; in small letters, without the dot at the
    /// end.
    package private(set) var names: [String]
    package private(set) var addresses: [Address] = []

    /// More than any answer in one datagram has.
    private static let recordsLimit = 256
    /// RFC 1034 §3.6.2 wants no chains at all; who answers follows some all the same.
    private static let aliasesLimit = 16

    private enum Content {
        case address(IPAddress)
        case alias(of: String)
    }

    private struct Record {
        var name: String
        var timeToLive: UInt32
        var content: Content
    }

    /// Throws for what is no answer without error to one question.
    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(octets)
        try reader.skip(2, "ID")
        let flags = try reader.uint16("flags")
        // QR, and neither an opcode nor a response code; cut short or not.
        guard flags & 0xF80F == 0x8000 else { throw DecodeError(.badValue(UInt64(flags)), field: "flags", offset: 2) }
        let questions = try reader.uint16("QDCOUNT")
        guard questions == 1 else { throw DecodeError(.badValue(UInt64(questions)), field: "QDCOUNT", offset: 4) }
        let answers = Int(try reader.uint16("ANCOUNT"))
        try reader.skip(4, "NSCOUNT, ARCOUNT")
        guard let asked = try DNSName.read(&reader, in: octets) else {
            throw DecodeError(.badValue(0), field: "QNAME", offset: 12)
        }
        try reader.skip(4, "QTYPE, QCLASS")
        var records: [Record] = []
        for _ in 0..<min(answers, Self.recordsLimit) {
            if let record = try Self.record(&reader, in: octets) { records.append(record) }
        }
        names = [asked]
        follow(records)
    }

    /// The aliases, and what is said of any of these names: nothing that nobody asked for.
    private mutating func follow(_ records: [Record]) {
        for record in records {
            if case .alias(let target) = record.content, names.contains(record.name), !names.contains(target),
                names.count < Self.aliasesLimit
            {
                names.append(target)
            }
        }
        for record in records {
            if case .address(let address) = record.content, names.contains(record.name) {
                addresses.append(Address(address: address, timeToLive: record.timeToLive))
            }
        }
    }

    /// nil for other types, and for names that no host has.
    private static func record(_ reader: inout ByteReader, in octets: [UInt8]) throws(DecodeError) -> Record? {
        let name = try DNSName.read(&reader, in: octets)
        let type = try reader.uint16("TYPE")
        let isInternet = try reader.uint16("CLASS") == 1
        let timeToLive = try reader.uint32("TTL")
        var data = try reader.slice(Int(try reader.uint16("RDLENGTH")), "RDATA")
        guard isInternet, let name else { return nil }
        let content: Content? =
            switch (type, data.remaining) {
            case (1, 4): .address(.v4(try data.ipv4Address("ADDRESS")))
            case (28, 16): .address(.v6(try data.ipv6Address("ADDRESS")))
            case (5, _): try DNSName.read(&data, in: octets).map { .alias(of: $0) }
            default: nil
            }
        // RFC 2181 §8: with the highest bit it is zero.
        return content.map {
            Record(name: name, timeToLive: timeToLive >> 31 == 0 ? timeToLive : 0, content: $0)
        }
    }
}
