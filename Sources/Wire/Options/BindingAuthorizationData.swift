// SPDX-License-Identifier: Apache-2.0

/// Binding Authorization Data (RFC 6275 §6.2.7), always the last option.
package struct BindingAuthorizationData: MobilityOption, Equatable {
    package static let type: UInt8 = 5
    package static let name = "Binding Authorization Data"

    /// Twelve octets after return routability; other procedures may have others.
    package var authenticator: [UInt8]

    package init(_ authenticator: [UInt8]) { self.authenticator = authenticator }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { authenticator = reader.rest() }
    package func encode(into writer: inout ByteWriter) { writer.bytes(authenticator) }

    /// Nothing may follow it, and the whole is a multiple of eight: 8n+2 for twelve octets.
    package var alignment: OptionAlignment {
        OptionAlignment(8, plus: (8 - (2 + authenticator.count) % 8) % 8)
    }

    package var fields: [Field] { [Field("authenticator", authenticator)] }
}
