// SPDX-License-Identifier: Apache-2.0

/// What a flow rule says and RFC 6089 has no words for (docs/flow-signalling.md): travels inside Flow Identification.
///
/// ```
///                                                 |   Treatment   |
/// |S|B|  Reserved |  Label Count  |  Labels ...
/// |                    Guaranteed Rate (64)                       |
/// |                     Maximum Rate (64)                         |
/// |   Name ...
/// ```
package struct FlowScheme: Hashable, Sendable {
    package var treatment: FlowTreatment
    /// S
    package var isStrict: Bool
    /// B: the paths are those of the Binding Reference, in its order; else those with the labels.
    package var namesBindings: Bool
    /// The preferred first; none: any path.
    package var labels: [UInt8]
    /// Bits per second; nil travels as 0.
    package var guaranteedRate: UInt64?
    package var maximumRate: UInt64?
    /// UTF-8, to the end.
    package var name: [UInt8]

    private static let strict: UInt8 = 0x80
    private static let bindings: UInt8 = 0x40
    /// So that the option has room for a selector of every field, a reference and all labels.
    package static let longestName = 64
    package static let mostLabels = 32

    package init(of rule: FlowRule) {
        treatment = rule.treatment
        isStrict = rule.isStrict
        switch rule.paths {
        case .any: (namesBindings, labels) = (false, [])
        case .labels(let all): (namesBindings, labels) = (false, Array(all.prefix(Self.mostLabels)))
        case .bindings: (namesBindings, labels) = (true, [])
        }
        guaranteedRate = rule.guaranteedRate
        maximumRate = rule.maximumRate
        name = Array(rule.name.utf8.prefix(Self.longestName))
    }

    init(decoding reader: inout ByteReader) throws(DecodeError) {
        let start = reader.offset
        let number = try reader.octet("Treatment")
        guard let treatment = FlowTreatment(rawValue: number) else {
            throw DecodeError(.badValue(UInt64(number)), field: "Treatment", offset: start)
        }
        self.treatment = treatment
        // Reserved bits are a later version's.
        let flags = try reader.octet("flags")
        isStrict = flags & Self.strict != 0
        namesBindings = flags & Self.bindings != 0
        labels = try reader.octets(Int(try reader.octet("Label Count")), "Labels")
        let guaranteed = try reader.uint64("Guaranteed Rate")
        let maximum = try reader.uint64("Maximum Rate")
        guaranteedRate = guaranteed == 0 ? nil : guaranteed
        maximumRate = maximum == 0 ? nil : maximum
        name = reader.rest()
        guard labels.count <= Self.mostLabels, name.count <= Self.longestName, !namesBindings || labels.isEmpty else {
            throw DecodeError(.badLength(labels.count + name.count), field: "Labels or Name", offset: start)
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.octet(treatment.rawValue)
        writer.octet((isStrict ? Self.strict : 0) | (namesBindings ? Self.bindings : 0))
        writer.octet(UInt8(clamping: labels.count))
        writer.bytes(labels.prefix(Int(UInt8.max)))
        writer.uint64(guaranteedRate ?? 0)
        writer.uint64(maximumRate ?? 0)
        writer.bytes(name)
    }

    var fields: [Field] {
        [
            Field("treatment", "\(treatment)"), Field("strict", isStrict), Field("names-bindings", namesBindings),
            Field("labels", labels.map { "\($0)" }.joined(separator: " ")),
            Field("guaranteed-rate", guaranteedRate ?? 0), Field("maximum-rate", maximumRate ?? 0),
            Field("name", text: name),
        ]
    }
}
