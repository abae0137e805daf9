// SPDX-License-Identifier: Apache-2.0

/// An IPv6 extension header as a value: hop-by-hop or destination options, routing, fragment (RFC 8200 §4).
///
/// ```
/// |  Next Header  |  Hdr Ext Len  |  Content ...
/// ```
package struct IPv6ExtensionHeader: Equatable, Sendable {
    /// What it is: the Next Header of the header before it.
    package var kind: UInt8
    package var nextHeader: UInt8
    /// What follows the first two octets; a multiple of eight and six.
    package var content: [UInt8]

    private static let homeAddressOption: UInt8 = 201
    private static let padN: UInt8 = 1
    private static let typeTwo: UInt8 = 2

    /// nil unless the octets start with a whole header of this kind; octets beyond it are allowed.
    package init?(kind: UInt8, _ octets: RawSpan) {
        let kinds = [
            IPProtocol.hopByHopOptions, IPProtocol.routing, IPProtocol.fragment, IPProtocol.destinationOptions,
        ]
        guard kinds.contains(kind), let next = octets.octet(at: 0), let units = octets.octet(at: 1) else { return nil }
        // A fragment header has no length, but something reserved in its place.
        let length = kind == IPProtocol.fragment ? 8 : (Int(units) + 1) * 8
        guard let content = octets.octets(1..<length) else { return nil }
        self.kind = kind
        nextHeader = next
        self.content = Array(content.dropFirst())
        if kind == IPProtocol.fragment { fragmentReserved = units }
    }

    /// The second octet of a fragment header as received.
    private var fragmentReserved: UInt8 = 0

    private init(kind: UInt8, nextHeader: UInt8, content: [UInt8]) {
        self.kind = kind
        self.nextHeader = nextHeader
        self.content = content
    }

    /// Destination options with the Home Address option at 8n+6 (RFC 6275 §6.3): from a mobile node that is away.
    package static func homeAddress(_ address: IPv6Address, nextHeader: UInt8) -> IPv6ExtensionHeader {
        let content = [padN, 2, 0, 0, homeAddressOption, 16] + address.octets
        return IPv6ExtensionHeader(kind: IPProtocol.destinationOptions, nextHeader: nextHeader, content: content)
    }

    /// The type 2 routing header (RFC 6275 §6.4): to a mobile node that is away.
    package static func homeRouting(_ address: IPv6Address, nextHeader: UInt8) -> IPv6ExtensionHeader {
        let content = [typeTwo, 1, 0, 0, 0, 0] + address.octets
        return IPv6ExtensionHeader(kind: IPProtocol.routing, nextHeader: nextHeader, content: content)
    }

    /// In octets.
    package var length: Int { content.count + 2 }

    package var octets: [UInt8] {
        let second = kind == IPProtocol.fragment ? fragmentReserved : UInt8(clamping: length / 8 - 1)
        return [nextHeader, second] + content
    }

    // MARK: - What is in it

    /// The home address that stands in for the packet's source in checksums (RFC 6275 §6.1.1, §6.3).
    package var homeSource: IPv6Address? {
        guard kind == IPProtocol.destinationOptions else { return nil }
        let span = content.span.bytes
        var position = 0
        var home: IPv6Address?
        while let type = span.octet(at: position) {
            guard type != 0 else {
                position += 1
                continue
            }
            guard let length = span.octet(at: position + 1) else { return home }
            if type == Self.homeAddressOption, length == 16 { home = span.ipv6Address(at: position + 2) }
            position += 2 + Int(length)
        }
        return home
    }

    /// The home address that stands in for the packet's destination in checksums (RFC 6275 §6.1.1, §6.4).
    package var homeDestination: IPv6Address? {
        guard kind == IPProtocol.routing, content.starts(with: [Self.typeTwo, 1]) else { return nil }
        return content.span.bytes.ipv6Address(at: 6)
    }

    /// Whether more fragments follow; nil if this is no fragment header.
    package var moreFragments: Bool? { fragmentWord.map { $0 & 1 != 0 } }

    /// In octets; nil if this is no fragment header.
    package var fragmentOffset: Int? { fragmentWord.map { Int($0 >> 3) * 8 } }

    private var fragmentWord: UInt16? { kind == IPProtocol.fragment ? content.span.bytes.uint16(at: 0) : nil }
}
