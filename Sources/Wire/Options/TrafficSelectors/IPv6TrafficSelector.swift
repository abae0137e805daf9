// SPDX-License-Identifier: Apache-2.0

/// IPv6 binary traffic selector (RFC 6088 §3.2). Downlink as the anchor sees it: the source is the correspondent.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |A|B|C|D|E|F|G|H|I|J|K|L|M|N|O|P|           Reserved            |
/// A, B source address (16)    C, D destination address (16)    E, F IPsec SPI (4)      G, H flow label (4)
/// I, J source port (2)        K, L destination port (2)        M, N traffic class (1)  O, P next header (1)
/// ```
///
/// Of each pair the first is the start, the second the end. A field that is absent matches everything. From G on the
/// letters are not those of IPv4.
package struct IPv6TrafficSelector: BinaryTrafficSelector, Hashable, Sendable {
    package var sourceAddresses: SelectorRange<IPv6Address>?
    package var destinationAddresses: SelectorRange<IPv6Address>?
    package var securityParameterIndexes: SelectorRange<UInt32>?
    package var flowLabels: SelectorRange<FlowLabel>?
    package var sourcePorts: SelectorRange<UInt16>?
    package var destinationPorts: SelectorRange<UInt16>?
    package var codePoints: SelectorRange<DifferentiatedServicesCodePoint>?
    package var nextHeaders: SelectorRange<UInt8>?

    /// Matches everything.
    package init() {}

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        var selector = try SelectorReader(reader)
        sourceAddresses = try selector.range("Source Address")
        destinationAddresses = try selector.range("Destination Address")
        securityParameterIndexes = try selector.range("IPsec SPI")
        flowLabels = try selector.range("Flow Label")
        sourcePorts = try selector.range("Source Port")
        destinationPorts = try selector.range("Destination Port")
        codePoints = try selector.range("Traffic Class")
        nextHeaders = try selector.range("Next Header")
        reader = selector.reader
    }

    var parts: [SelectorPart] {
        [
            SelectorPart("source-address", sourceAddresses),
            SelectorPart("destination-address", destinationAddresses),
            SelectorPart("ipsec-spi", securityParameterIndexes),
            SelectorPart("flow-label", flowLabels),
            SelectorPart("source-port", sourcePorts),
            SelectorPart("destination-port", destinationPorts),
            SelectorPart("dscp", codePoints),
            SelectorPart("next-header", nextHeaders),
        ]
    }
}
