// SPDX-License-Identifier: Apache-2.0

/// A probe of ours, sent in the tunnel of the path that it speaks about: behind GRE with the session's key,
/// protocol type 0x88B5 (IEEE local experimental), no sequence number.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |  Version = 1  |H|A|  Reserved |         Interval (ms)         |
/// |  Binding ID   |                   Reserved                    |
/// |                        Send time (64, ns)                     |
/// |                   Echoed send time (64, ns)                   |
/// |                  Held for (32, us), then Reserved (32)        |
/// |                  Tag: SipHash-2-4 of all above (64)           |
/// ```
/// H: the sender hears the other end on this path. A: sent by the anchor, so that a probe reflected to its sender
/// is none. Interval: the promise that the next probe follows within that time. The send time grows from probe to
/// probe, so that a replayed one is told from a new one. Documented in `docs/path-probes.md`.
package struct PathProbe: Equatable, Sendable {
    package static let length = 40
    package static let version: UInt8 = 1

    package var hearsPeer: Bool
    package var isFromAnchor: Bool
    /// Milliseconds; the receiver hears from us again within it.
    package var interval: UInt16
    package var bindingIdentifier: UInt8
    /// Of the sender's own clock, only compared with itself.
    package var sentAt: UInt64
    /// `sentAt` of the newest probe heard from the receiver; 0 if there was none.
    package var echo: UInt64
    /// Microseconds between that probe's arrival and this one's departure.
    package var heldFor: UInt32

    package init(
        hearsPeer: Bool,
        isFromAnchor: Bool,
        interval: UInt16,
        bindingIdentifier: UInt8,
        sentAt: UInt64,
        echo: UInt64,
        heldFor: UInt32
    ) {
        self.hearsPeer = hearsPeer
        self.isFromAnchor = isFromAnchor
        self.interval = interval
        self.bindingIdentifier = bindingIdentifier
        self.sentAt = sentAt
        self.echo = echo
        self.heldFor = heldFor
    }

    private static let hears = BitField<UInt8>(first: 0)
    private static let anchor = BitField<UInt8>(first: 1)

    /// nil for another length, another version, or a tag that the key does not make.
    package init?(_ octets: RawSpan, key: SipKey) {
        guard octets.byteCount == Self.length, octets.octet(at: 0) == Self.version,
            let flags = octets.octet(at: 1), let interval = octets.uint16(at: 2),
            let identifier = octets.octet(at: 4), let sentAt = octets.uint64(at: 8),
            let echo = octets.uint64(at: 16), let heldFor = octets.uint32(at: 24),
            let tag = octets.uint64(at: 32), let covered = octets.octets(0..<32),
            SipHash.tag(of: covered, key: key) == tag
        else { return nil }
        self.init(
            hearsPeer: Self.hears.isSet(flags),
            isFromAnchor: Self.anchor.isSet(flags),
            interval: interval,
            bindingIdentifier: identifier,
            sentAt: sentAt,
            echo: echo,
            heldFor: heldFor
        )
    }

    package func octets(key: SipKey) -> [UInt8] {
        var flags: UInt8 = 0
        Self.hears.set(hearsPeer, in: &flags)
        Self.anchor.set(isFromAnchor, in: &flags)
        var writer = ByteWriter()
        writer.octet(Self.version)
        writer.octet(flags)
        writer.uint16(interval)
        writer.octet(bindingIdentifier)
        writer.zeros(3)
        writer.uint64(sentAt)
        writer.uint64(echo)
        writer.uint32(heldFor)
        writer.zeros(4)
        writer.uint64(SipHash.tag(of: writer.octets, key: key))
        return writer.octets
    }
}
