// SPDX-License-Identifier: Apache-2.0

/// Flow Summary (RFC 6089 §4.2.2): flows that an update names only to keep them.
package struct FlowSummary: MobilityOption, Equatable {
    /// RFC 6089 §11 swaps the numbers of this option and Flow Identification; the registry has it as here.
    package static let type: UInt8 = 44
    package static let name = "Flow Summary"

    /// At least one, at most 127.
    package var flowIdentifiers: [UInt16]

    package init(_ flowIdentifiers: [UInt16]) { self.flowIdentifiers = flowIdentifiers }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        flowIdentifiers = try reader.identifiers("FID")
    }

    package func encode(into writer: inout ByteWriter) { writer.identifiers(flowIdentifiers) }
    package var alignment: OptionAlignment { OptionAlignment(2, plus: 0) }
    package var fields: [Field] { [Field("fid", flowIdentifiers.map { "\($0)" }.joined(separator: " "))] }
}
