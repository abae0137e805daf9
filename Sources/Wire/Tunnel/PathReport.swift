// SPDX-License-Identifier: Apache-2.0

/// What an end has received of a session's numbered packets and over which path, sent as a copy over every path in the
/// place of a probe. Like a probe it proves the path that it comes over.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |  Version = 2  |H|A|T| Reserved|         Interval (ms)         |
/// |  Binding ID   |     Paths     |     Runs      |    Reserved   |
/// |                        Send time (64, ns)                     |
/// |                        Made at (64, ns)                       |
/// |                        Next number (32)                       |
/// |                        Expected number (32)                   |
/// |                        Paths, 36 octets each                  |
/// |                        Runs, 2 octets each                    |
/// |                  Tag: SipHash-2-4 of all above (64)           |
/// ```
/// Next number: what the sender's next numbered packet will carry; all before it that was to go over this path has gone.
/// Expected number: the first one that has not arrived and is waited for. Runs: how many numbers from there on are
/// missing, then how many have arrived, and so on in turn; T: there would be more. Without paths and runs it is a
/// marker: it tells the next number and nothing of what was received. Documented in `docs/path-reports.md`.
package struct PathReport: Equatable, Sendable {
    package static let version: UInt8 = 2
    package static let mostPaths = 8
    package static let mostRuns = 130
    private static let headLength = 32
    private static let tagLength = 8
    package static let shortestLength = headLength + tagLength
    package static let longestLength = shortestLength + mostPaths * Reception.length + mostRuns * 2

    /// What has arrived over one path.
    package struct Reception: Equatable, Sendable {
        fileprivate static let length = 36

        package var bindingIdentifier: UInt8
        /// The sender of the report hears the other end on this path.
        package var hearsPeer: Bool
        /// The highest number that came over it, nil if none did, and microseconds since it did when the report was made.
        package var newest: UInt32?
        package var newestAge: UInt32
        /// Outer octets of user packets that came over it, and microseconds since the last of them.
        package var octets: UInt64
        package var octetsAge: UInt32
        /// Send time of the newest report or probe that came over it, 0 if none did, and microseconds since that.
        package var echo: UInt64
        package var heldFor: UInt32

        package init(
            bindingIdentifier: UInt8,
            hearsPeer: Bool,
            newest: UInt32?,
            newestAge: UInt32,
            octets: UInt64,
            octetsAge: UInt32,
            echo: UInt64,
            heldFor: UInt32
        ) {
            self.bindingIdentifier = bindingIdentifier
            self.hearsPeer = hearsPeer
            self.newest = newest
            self.newestAge = newestAge
            self.octets = octets
            self.octetsAge = octetsAge
            self.echo = echo
            self.heldFor = heldFor
        }
    }

    /// As a probe's.
    package var hearsPeer: Bool
    package var isFromAnchor: Bool
    /// Milliseconds; the receiver hears from us again on this path within it.
    package var interval: UInt16
    package var bindingIdentifier: UInt8
    /// Of the sender's own clock.
    package var sentAt: UInt64
    /// When the sender knew what the report says; copies of one report share it.
    package var madeAt: UInt64
    package var nextNumber: UInt32
    package var expectedNumber: UInt32
    package var receptions: [Reception]
    /// Lengths, missing ones first; none is 0.
    package var runs: [UInt16]
    /// The runs end before what has arrived does.
    package var isCut: Bool

    package init(
        hearsPeer: Bool,
        isFromAnchor: Bool,
        interval: UInt16,
        bindingIdentifier: UInt8,
        sentAt: UInt64,
        madeAt: UInt64,
        nextNumber: UInt32,
        expectedNumber: UInt32,
        receptions: [Reception] = [],
        runs: [UInt16] = [],
        isCut: Bool = false
    ) {
        self.hearsPeer = hearsPeer
        self.isFromAnchor = isFromAnchor
        self.interval = interval
        self.bindingIdentifier = bindingIdentifier
        self.sentAt = sentAt
        self.madeAt = madeAt
        self.nextNumber = nextNumber
        self.expectedNumber = expectedNumber
        self.receptions = receptions
        self.runs = runs
        self.isCut = isCut
    }

    /// Tells nothing of what was received.
    package var isMarker: Bool { receptions.isEmpty && runs.isEmpty }

    private static let hears = BitField<UInt8>(first: 0)
    private static let anchor = BitField<UInt8>(first: 1)
    private static let cut = BitField<UInt8>(first: 2)

    // MARK: Decoding

    /// nil for another length, another version, or a tag that the key does not make.
    package init?(_ octets: RawSpan, key: SipKey) {
        // What cannot be a report costs no tag.
        guard Self.fits(octets), let covered = octets.octets(0..<octets.byteCount - Self.tagLength),
            let tag = octets.uint64(at: covered.count), SipHash.tag(of: covered, key: key) == tag
        else { return nil }
        self.init(untagged: octets)
    }

    /// What the octets say, whoever wrote them; the tag is not looked at.
    package init?(untagged octets: RawSpan) {
        guard Self.fits(octets), let flags = octets.octet(at: 1), let interval = octets.uint16(at: 2),
            let identifier = octets.octet(at: 4), let paths = octets.octet(at: 5), let runs = octets.octet(at: 6),
            let sentAt = octets.uint64(at: 8), let madeAt = octets.uint64(at: 16),
            let next = octets.uint32(at: 24), let expected = octets.uint32(at: 28)
        else { return nil }
        self.init(
            hearsPeer: Self.hears.isSet(flags),
            isFromAnchor: Self.anchor.isSet(flags),
            interval: interval,
            bindingIdentifier: identifier,
            sentAt: sentAt,
            madeAt: madeAt,
            nextNumber: next,
            expectedNumber: expected,
            isCut: Self.cut.isSet(flags)
        )
        for index in 0..<Int(paths) {
            guard let reception = Reception(octets, at: Self.headLength + index * Reception.length) else { return nil }
            receptions.append(reception)
        }
        let first = Self.headLength + Int(paths) * Reception.length
        for index in 0..<Int(runs) {
            guard let run = octets.uint16(at: first + index * 2), run > 0 else { return nil }
            self.runs.append(run)
        }
    }

    /// Whether the length is that of a report with so many paths and runs.
    package static func fits(_ octets: RawSpan) -> Bool {
        guard octets.octet(at: 0) == version, let paths = octets.octet(at: 5).map({ Int($0) }),
            let runs = octets.octet(at: 6).map({ Int($0) }), paths <= mostPaths, runs <= mostRuns
        else { return false }
        return octets.byteCount == shortestLength + paths * Reception.length + runs * 2
    }

    // MARK: Encoding

    /// No more paths and runs than there may be.
    package func octets(key: SipKey) -> [UInt8] {
        var flags: UInt8 = 0
        Self.hears.set(hearsPeer, in: &flags)
        Self.anchor.set(isFromAnchor, in: &flags)
        Self.cut.set(isCut, in: &flags)
        let (paths, runs) = (receptions.prefix(Self.mostPaths), runs.prefix(Self.mostRuns))
        var writer = ByteWriter(capacity: Self.shortestLength + paths.count * Reception.length + runs.count * 2)
        writer.octet(Self.version)
        writer.octet(flags)
        writer.uint16(interval)
        writer.octet(bindingIdentifier)
        writer.octet(UInt8(paths.count))
        writer.octet(UInt8(runs.count))
        writer.zeros(1)
        writer.uint64(sentAt)
        writer.uint64(madeAt)
        writer.uint32(nextNumber)
        writer.uint32(expectedNumber)
        for reception in paths { reception.encode(into: &writer) }
        for run in runs { writer.uint16(run) }
        writer.uint64(SipHash.tag(of: writer.octets, key: key))
        return writer.octets
    }

    // MARK: As a probe

    /// What it says about the path that it comes over.
    package var probe: PathProbe {
        let own = receptions.first { $0.bindingIdentifier == bindingIdentifier }
        // The echo was held until the copy left.
        let delay = (sentAt > madeAt ? sentAt - madeAt : 0) / 1000
        return PathProbe(
            hearsPeer: hearsPeer,
            isFromAnchor: isFromAnchor,
            interval: interval,
            bindingIdentifier: bindingIdentifier,
            sentAt: sentAt,
            echo: own?.echo ?? 0,
            heldFor: UInt32(clamping: UInt64(own?.heldFor ?? 0) + min(delay, UInt64(UInt32.max)))
        )
    }
}

extension PathReport.Reception {
    private static let hears = BitField<UInt8>(first: 0)
    private static let numbered = BitField<UInt8>(first: 1)

    fileprivate init?(_ octets: RawSpan, at offset: Int) {
        guard let identifier = octets.octet(at: offset), let flags = octets.octet(at: offset + 1),
            let newest = octets.uint32(at: offset + 4), let newestAge = octets.uint32(at: offset + 8),
            let count = octets.uint64(at: offset + 12), let octetsAge = octets.uint32(at: offset + 20),
            let echo = octets.uint64(at: offset + 24), let heldFor = octets.uint32(at: offset + 32)
        else { return nil }
        self.init(
            bindingIdentifier: identifier,
            hearsPeer: Self.hears.isSet(flags),
            newest: Self.numbered.isSet(flags) ? newest : nil,
            newestAge: newestAge,
            octets: count,
            octetsAge: octetsAge,
            echo: echo,
            heldFor: heldFor
        )
    }

    fileprivate func encode(into writer: inout ByteWriter) {
        var flags: UInt8 = 0
        Self.hears.set(hearsPeer, in: &flags)
        Self.numbered.set(newest != nil, in: &flags)
        writer.octet(bindingIdentifier)
        writer.octet(flags)
        writer.zeros(2)
        writer.uint32(newest ?? 0)
        writer.uint32(newestAge)
        writer.uint64(octets)
        writer.uint32(octetsAge)
        writer.uint64(echo)
        writer.uint32(heldFor)
    }
}
