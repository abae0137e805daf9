// SPDX-License-Identifier: Apache-2.0

/// What is readable of an Encapsulating Security Payload (RFC 4303 §2); the rest is for who has the keys.
///
/// ```
/// |               Security Parameters Index (SPI)                 |
/// |                      Sequence Number                          |
/// ```
package struct ESPHeader: Equatable, Sendable {
    package static let length = 8

    package var securityParametersIndex: UInt32
    package var sequence: UInt32

    package init(securityParametersIndex: UInt32, sequence: UInt32) {
        self.securityParametersIndex = securityParametersIndex
        self.sequence = sequence
    }

    /// nil if the octets end early, or the index is zero, which no packet may carry (RFC 4303 §2.1).
    package init?(_ octets: RawSpan) {
        guard let index = octets.uint32(at: 0), index != 0, let sequence = octets.uint32(at: 4) else { return nil }
        self.init(securityParametersIndex: index, sequence: sequence)
    }

    package var octets: [UInt8] {
        var writer = ByteWriter()
        writer.uint32(securityParametersIndex)
        writer.uint32(sequence)
        return writer.octets
    }
}
