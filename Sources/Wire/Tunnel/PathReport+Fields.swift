// SPDX-License-Identifier: Apache-2.0

extension PathReport {
    /// What `plait decode` prints.
    package var fields: [Field] {
        [
            Field("binding-id", bindingIdentifier),
            Field("flags", (hearsPeer ? "H" : "") + (isFromAnchor ? "A" : "") + (isCut ? "T" : "")),
            Field("interval", interval),
            Field("sent-at", sentAt),
            Field("made-at", madeAt),
            Field("next-number", nextNumber),
            Field("expected-number", expectedNumber),
        ]
    }

    /// Missing and arrived numbers in turn.
    package var runsText: String { runs.map { String($0) }.joined(separator: " ") }
}

extension PathReport.Reception {
    package var fields: [Field] {
        [Field("binding-id", bindingIdentifier), Field("hears", hearsPeer)]
            + (newest.map { [Field("newest-number", $0), Field("newest-age", newestAge)] } ?? [])
            + [
                Field("octets", octets), Field("octets-age", octetsAge), Field("echo", echo),
                Field("held-for", heldFor),
            ]
    }
}

extension CapturedPacket {
    /// The path report that it carries, whoever tagged it; nil: none.
    package var report: PathReport? { probe.flatMap { PathReport(untagged: $0.span.bytes) } }

    /// The probe of a path's size, or the answer, that it carries, whoever tagged it; nil: none.
    package var sizeProbe: PathSizeProbe? { probe.flatMap { PathSizeProbe(untagged: $0.span.bytes) } }

    /// What stands in the place of a probe.
    private var probe: [UInt8]? {
        switch content {
        case .opaque(let octets):
            guard case .gre(let header) = headers.last, header.protocolType == GREHeader.pathProbe else { return nil }
            return octets
        case .packet(let octets):
            guard ProbeEnvelope.holdsProbe(octets.span.bytes) else { return nil }
            return Array(octets.dropFirst(IPv6Header.length))
        case .message: return nil
        }
    }
}
