// SPDX-License-Identifier: Apache-2.0

/// Restart Counter (RFC 5847 §3.4): grows by one with each start that lost the bindings.
package struct RestartCounter: MobilityOption, Equatable {
    package static let type: UInt8 = 28
    package static let name = "Restart Counter"

    package var counter: UInt32

    package init(_ counter: UInt32) { self.counter = counter }

    package init(decoding reader: inout ByteReader) throws(DecodeError) { counter = try reader.uint32(Self.name) }
    package func encode(into writer: inout ByteWriter) { writer.uint32(counter) }
    package var alignment: OptionAlignment { OptionAlignment(4, plus: 2) }
    package var fields: [Field] { [Field("counter", counter)] }
}
