// SPDX-License-Identifier: Apache-2.0

/// Mobility Message Authentication (RFC 4285 §5), always the last option.
///
/// ```
/// |      9        |    Length     |   Subtype     | SPI (32) ...
/// |               Authenticator (to the end) ...
/// ```
package struct MessageAuthentication: MobilityOption, Equatable {
    package static let type: UInt8 = 9
    package static let name = "Mobility Message Authentication"

    /// MN-HA: between the two ends that share the key.
    package static let mobileNodeHomeAgent: UInt8 = 1

    package var subtype: UInt8
    /// Security parameter index: names key and algorithm; 0–255 are reserved.
    package var spi: UInt32
    package var authenticator: [UInt8]

    package init(subtype: UInt8 = mobileNodeHomeAgent, spi: UInt32, authenticator: [UInt8]) {
        self.subtype = subtype
        self.spi = spi
        self.authenticator = authenticator
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        subtype = try reader.octet("Subtype")
        spi = try reader.uint32("SPI")
        authenticator = reader.rest()
    }

    package func encode(into writer: inout ByteWriter) {
        writer.octet(subtype)
        writer.uint32(spi)
        writer.bytes(authenticator)
    }

    /// RFC 4285 §5.1 asks for 4n+1. Nothing may follow, and the whole is a multiple of eight: hence the exact place.
    package var alignment: OptionAlignment {
        OptionAlignment(8, plus: (8 - (7 + authenticator.count) % 8) % 8)
    }

    package var fields: [Field] {
        [Field("subtype", subtype), Field("spi", spi), Field("authenticator", authenticator)]
    }

    /// The octets of an encoded mobility header that the authenticator covers: all from the start to the end of the
    /// SPI, the checksum as zero (RFC 4285 §5.1). nil if there are fewer than header and authenticator need.
    package static func covered(of message: [UInt8], authenticatorLength: Int) -> [UInt8]? {
        guard authenticatorLength >= 0, message.count - 13 >= authenticatorLength else { return nil }
        var covered = Array(message.dropLast(authenticatorLength))
        covered[4] = 0
        covered[5] = 0
        return covered
    }
}
