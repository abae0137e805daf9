// SPDX-License-Identifier: Apache-2.0

/// IPv4 binary traffic selector (RFC 6088 §3.1). Downlink as the anchor sees it: the source is the correspondent.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |A|B|C|D|E|F|G|H|I|J|K|L|M|N|             Reserved              |
/// A, B source address (4)     C, D destination address (4)     E, F IPsec SPI (4)
/// G, H source port (2)        I, J destination port (2)        K, L DS (1)         M, N protocol (1)
/// ```
///
/// Of each pair the first is the start, the second the end. A field that is absent matches everything.
package struct IPv4TrafficSelector: BinaryTrafficSelector, Hashable, Sendable {
    package var sourceAddresses: SelectorRange<IPv4Address>?
    package var destinationAddresses: SelectorRange<IPv4Address>?
    package var securityParameterIndexes: SelectorRange<UInt32>?
    package var sourcePorts: SelectorRange<UInt16>?
    package var destinationPorts: SelectorRange<UInt16>?
    package var codePoints: SelectorRange<DifferentiatedServicesCodePoint>?
    package var protocols: SelectorRange<UInt8>?

    /// Matches everything.
    package init() {}

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        var selector = try SelectorReader(reader)
        sourceAddresses = try selector.range("Source Address")
        destinationAddresses = try selector.range("Destination Address")
        securityParameterIndexes = try selector.range("IPsec SPI")
        sourcePorts = try selector.range("Source Port")
        destinationPorts = try selector.range("Destination Port")
        codePoints = try selector.range("DS")
        protocols = try selector.range("Protocol")
        reader = selector.reader
    }

    var parts: [SelectorPart] {
        [
            SelectorPart("source-address", sourceAddresses),
            SelectorPart("destination-address", destinationAddresses),
            SelectorPart("ipsec-spi", securityParameterIndexes),
            SelectorPart("source-port", sourcePorts),
            SelectorPart("destination-port", destinationPorts),
            SelectorPart("dscp", codePoints),
            SelectorPart("protocol", protocols),
        ]
    }
}
