// SPDX-License-Identifier: Apache-2.0

/// An option of a neighbour discovery message: type, length in units of eight octets, data (RFC 4861 §4.6).
package enum NeighborOption: Equatable, Sendable {
    /// RFC 4861 §4.6.1
    case sourceLinkLayerAddress(LinkLayerAddress)
    /// RFC 4861 §4.6.1
    case targetLinkLayerAddress(LinkLayerAddress)
    case prefix(PrefixInformation)
    /// RFC 4861 §4.6.4: in octets.
    case mtu(UInt32)
    case recursiveServers(RecursiveServers)
    /// One that we do not read, or whose data do not suit its type: what follows the length.
    case unknown(type: UInt8, data: [UInt8])

    private static let sourceLinkLayerAddressType: UInt8 = 1
    private static let targetLinkLayerAddressType: UInt8 = 2
    private static let mtuType: UInt8 = 5

    /// Reads options to the end; throws for a length that is zero or runs past it (RFC 4861 §6.1.1).
    static func all(decoding reader: inout ByteReader) throws(DecodeError) -> [NeighborOption] {
        var options: [NeighborOption] = []
        while !reader.isAtEnd {
            let start = reader.offset
            let type = try reader.octet("option type")
            let units = try reader.octet("option length")
            guard units > 0 else { throw DecodeError(.badLength(0), field: "option \(type)", offset: start) }
            let data = try reader.octets(Int(units) * 8 - 2, "option \(type)")
            options.append(known(type: type, data: data) ?? .unknown(type: type, data: data))
        }
        return options
    }

    private static func known(type: UInt8, data: [UInt8]) -> NeighborOption? {
        let span = data.span.bytes
        switch type {
        case sourceLinkLayerAddressType: return LinkLayerAddress(octets: data).map { .sourceLinkLayerAddress($0) }
        case targetLinkLayerAddressType: return LinkLayerAddress(octets: data).map { .targetLinkLayerAddress($0) }
        case PrefixInformation.type: return PrefixInformation(data).map { .prefix($0) }
        case mtuType where data.count == 6: return span.uint32(at: 2).map { .mtu($0) }
        case RecursiveServers.type: return RecursiveServers(data).map { .recursiveServers($0) }
        default: return nil
        }
    }

    func encode(into writer: inout ByteWriter) {
        let (type, data) = content
        let units = min(255, (data.count + 2 + 7) / 8)
        writer.octet(type)
        writer.octet(UInt8(clamping: units))
        writer.bytes(data.prefix(units * 8 - 2))
        writer.zeros(units * 8 - 2 - data.count)
    }

    private var content: (type: UInt8, data: [UInt8]) {
        var writer = ByteWriter()
        switch self {
        case .sourceLinkLayerAddress(let address): return (Self.sourceLinkLayerAddressType, address.octets)
        case .targetLinkLayerAddress(let address): return (Self.targetLinkLayerAddressType, address.octets)
        case .prefix(let information): return (PrefixInformation.type, information.data)
        case .mtu(let mtu):
            writer.zeros(2)
            writer.uint32(mtu)
            return (Self.mtuType, writer.octets)
        case .recursiveServers(let servers): return (RecursiveServers.type, servers.data)
        case .unknown(let type, let data): return (type, data)
        }
    }
}

extension [NeighborOption] {
    /// Whether a source link-layer address is there, of whatever length.
    var nameSourceLinkLayerAddress: Bool {
        contains { option in
            switch option {
            case .sourceLinkLayerAddress, .unknown(type: 1, data: _): true
            case .targetLinkLayerAddress, .prefix, .mtu, .recursiveServers, .unknown: false
            }
        }
    }
}
