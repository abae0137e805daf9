// SPDX-License-Identifier: Apache-2.0

/// Finds out how large packets may be on a path: sent in its tunnel, padded, in a packet that nobody may fragment. The
/// answer, without padding, says which one has arrived.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |  Version = 3  |R|A|  Reserved |            Length             |
/// |  Binding ID   |                   Reserved                    |
/// |                          Number (64)                          |
/// |                Tag: SipHash-2-4 of all above (64)             |
/// |                    Padding, zeros, not tagged                 |
/// ```
/// R: an answer. A: sent by the anchor. Length: of the probe, padding included. Number: larger in each probe, and the
/// probe's in the answer. Documented in `docs/path-mtu.md`.
package struct PathSizeProbe: Equatable, Sendable {
    package static let version: UInt8 = 3
    /// Of an answer, and of the shortest probe.
    package static let length = 24
    private static let tagged = 16

    package var isAnswer: Bool
    package var isFromAnchor: Bool
    /// Octets of the probe, padding included.
    package var size: UInt16
    package var bindingIdentifier: UInt8
    package var number: UInt64

    package init(isAnswer: Bool, isFromAnchor: Bool, size: UInt16, bindingIdentifier: UInt8, number: UInt64) {
        self.isAnswer = isAnswer
        self.isFromAnchor = isFromAnchor
        self.size = size
        self.bindingIdentifier = bindingIdentifier
        self.number = number
    }

    private static let answer = BitField<UInt8>(first: 0)
    private static let anchor = BitField<UInt8>(first: 1)

    /// nil for another version, another length than it says, or a tag that the key does not make.
    package init?(_ octets: RawSpan, key: SipKey) {
        // What cannot be one costs no tag.
        guard let probe = PathSizeProbe(untagged: octets), let covered = octets.octets(0..<Self.tagged),
            let tag = octets.uint64(at: Self.tagged), SipHash.tag(of: covered, key: key) == tag
        else { return nil }
        self = probe
    }

    /// What the octets say, whoever wrote them; the tag is not looked at.
    package init?(untagged octets: RawSpan) {
        guard Self.claims(octets), octets.byteCount >= Self.length, let flags = octets.octet(at: 1),
            let size = octets.uint16(at: 2), let identifier = octets.octet(at: 4), let number = octets.uint64(at: 8)
        else { return nil }
        isAnswer = Self.answer.isSet(flags)
        isFromAnchor = Self.anchor.isSet(flags)
        self.size = size
        bindingIdentifier = identifier
        self.number = number
        guard octets.byteCount == (isAnswer ? Self.length : Int(size)) else { return nil }
    }

    /// Whether the octets are of this version.
    package static func claims(_ octets: RawSpan) -> Bool { octets.octet(at: 0) == version }

    package func octets(key: SipKey) -> [UInt8] {
        var flags: UInt8 = 0
        Self.answer.set(isAnswer, in: &flags)
        Self.anchor.set(isFromAnchor, in: &flags)
        let length = isAnswer ? Self.length : max(Self.length, Int(size))
        var writer = ByteWriter(capacity: length)
        writer.octet(Self.version)
        writer.octet(flags)
        writer.uint16(size)
        writer.octet(bindingIdentifier)
        writer.zeros(3)
        writer.uint64(number)
        writer.uint64(SipHash.tag(of: writer.octets, key: key))
        writer.zeros(length - Self.length)
        return writer.octets
    }

    // MARK: Decoding captures

    /// What `plait decode` prints.
    package var fields: [Field] {
        [
            Field("binding-id", bindingIdentifier),
            Field("flags", (isAnswer ? "R" : "") + (isFromAnchor ? "A" : "")),
            Field("length", size),
            Field("number", number),
        ]
    }
}
