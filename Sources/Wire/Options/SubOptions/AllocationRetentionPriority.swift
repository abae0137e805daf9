// SPDX-License-Identifier: Apache-2.0

/// Allocation-Retention-Priority attribute (RFC 7222 §4.2.5).
///
/// ```
/// |       5       |  Length = 2   |    Reserved   |   PL  |PC |PV |
/// ```
package struct AllocationRetentionPriority: SubOption, Equatable {
    package static let type: UInt8 = 5
    package static let name = "Allocation-Retention-Priority"

    /// PL, four bits: 1 is the highest; 0 is not defined.
    package var level: UInt8
    /// PC, two bits: 0 if the flow may take resources of lower ones, 1 if it may not.
    package var preemptionCapability: UInt8
    /// PV, two bits: 0 if the flow may lose its resources to higher ones, 1 if it may not.
    package var preemptionVulnerability: UInt8

    package init(level: UInt8, preemptionCapability: UInt8, preemptionVulnerability: UInt8) {
        self.level = level
        self.preemptionCapability = preemptionCapability
        self.preemptionVulnerability = preemptionVulnerability
    }

    private static let level = BitField<UInt8>(first: 0, width: 4)
    private static let capability = BitField<UInt8>(first: 4, width: 2)
    private static let vulnerability = BitField<UInt8>(first: 6, width: 2)

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        try reader.skip(1, "Reserved")
        let word = try reader.octet("PL, PC, PV")
        level = Self.level.get(word)
        preemptionCapability = Self.capability.get(word)
        preemptionVulnerability = Self.vulnerability.get(word)
    }

    package func encode(into writer: inout ByteWriter) {
        var word: UInt8 = 0
        Self.level.set(level, in: &word)
        Self.capability.set(preemptionCapability, in: &word)
        Self.vulnerability.set(preemptionVulnerability, in: &word)
        writer.octet(0)
        writer.octet(word)
    }

    package var fields: [Field] {
        [Field("pl", level), Field("pc", preemptionCapability), Field("pv", preemptionVulnerability)]
    }
}
