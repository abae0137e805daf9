// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct PathReportTests {
    private static let key = SipKey(k0: 0x0123_4567_89AB_CDEF, k1: 42)
    private static let reception = PathReport.Reception(
        bindingIdentifier: 7,
        hearsPeer: true,
        newest: 0x0102_0304,
        newestAge: 5,
        octets: 0x1112_1314_1516_1718,
        octetsAge: 6,
        echo: 0x2122_2324_2526_2728,
        heldFor: 123_456
    )
    private static let report = PathReport(
        hearsPeer: true,
        isFromAnchor: false,
        interval: 20,
        bindingIdentifier: 7,
        sentAt: 9_000_000,
        madeAt: 8_000_000,
        nextNumber: 0x3132_3334,
        expectedNumber: 0x4142_4344,
        receptions: [reception],
        runs: [1, 515],
        isCut: false
    )

    private func decode(_ octets: [UInt8], key: SipKey = key) -> PathReport? {
        PathReport(octets.span.bytes, key: key)
    }

    private static func big(paths: Int, runs: Int) -> PathReport {
        var report = report
        report.receptions = (0..<paths).map { path in
            var reception = reception
            reception.bindingIdentifier = UInt8(path)
            reception.newest = path == 0 ? nil : UInt32(path)
            reception.newestAge = path == 0 ? 0 : 5
            reception.hearsPeer = path % 2 == 0
            return reception
        }
        report.runs = (0..<runs).map { UInt16($0 + 1) }
        return report
    }

    @Test func layoutIsAsDocumented() {
        let octets = Self.report.octets(key: Self.key)
        let head: [UInt8] = [
            2, 0x80, 0, 20, 7, 1, 2, 0, 0, 0, 0, 0, 0, 0x89, 0x54, 0x40, 0, 0, 0, 0, 0, 0x7A, 0x12, 0,
            0x31, 0x32, 0x33, 0x34, 0x41, 0x42, 0x43, 0x44,
        ]
        let path: [UInt8] = [
            7, 0xC0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 5, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0, 0, 0, 6,
            0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0, 1, 0xE2, 0x40,
        ]
        #expect(Array(octets.prefix(32)) == head)
        #expect(Array(octets[32..<68]) == path)
        #expect(Array(octets[68..<72]) == [0, 1, 2, 3])
        #expect(octets.count == 80)
    }

    @Test func roundTripForEveryNumberOfPathsAndRuns() {
        for paths in 0...PathReport.mostPaths {
            for runs in [0, 1, 2, 77, PathReport.mostRuns] {
                var report = Self.big(paths: paths, runs: runs)
                (report.isFromAnchor, report.isCut, report.hearsPeer) = (paths % 2 == 0, runs == 77, runs == 1)
                let octets = report.octets(key: Self.key)
                #expect(octets.count <= 600)
                #expect(decode(octets) == report)
                #expect(PathReport(untagged: octets.span.bytes) == report)
                #expect(report.isMarker == (paths == 0 && runs == 0))
            }
        }
    }

    @Test func whatIsTooManyIsNotWritten() {
        let octets = Self.big(paths: 20, runs: 300).octets(key: Self.key)
        #expect(octets.count == PathReport.longestLength)
        let decoded = decode(octets)
        #expect(decoded?.receptions.count == PathReport.mostPaths && decoded?.runs.count == PathReport.mostRuns)
    }

    @Test func everyChangedBitIsNoticed() {
        let octets = Self.report.octets(key: Self.key)
        for position in octets.indices {
            for bit in 0..<8 {
                var forged = octets
                forged[position] ^= 1 << UInt8(bit)
                #expect(decode(forged) == nil)
            }
        }
    }

    @Test func anotherKeyOrLengthIsRefused() {
        let octets = Self.report.octets(key: Self.key)
        #expect(decode(octets, key: SipKey(k0: Self.key.k0, k1: 43)) == nil)
        for count in 0..<octets.count { #expect(decode(Array(octets.prefix(count))) == nil) }
        #expect(decode(octets + [0]) == nil)
    }

    /// Tagged right, and wrong nevertheless.
    @Test func whatCannotBeMeantIsRefused() {
        func tagged(_ change: (inout [UInt8]) -> Void) -> PathReport? {
            var octets = Array(Self.report.octets(key: Self.key).dropLast(8))
            change(&octets)
            let tag = SipHash.tag(of: octets, key: Self.key)
            return decode(octets + (0..<8).map { UInt8(truncatingIfNeeded: tag >> UInt64(56 - 8 * $0)) })
        }
        #expect(tagged { _ in } == Self.report)
        #expect(tagged { $0[0] = 1 } == nil)
        #expect(tagged { $0[5] = 0 } == nil)
        #expect(tagged { $0[6] = 3 } == nil)
        #expect(
            tagged {
                $0 += Array(repeating: 1, count: 36 * 8); $0[5] = 9
            } == nil
        )
        // A run of nothing.
        #expect(tagged { $0[69] = 0 } == nil)
        // Reserved bits are for later.
        #expect(
            tagged {
                $0[7] = 9; $0[1] |= 1; $0[33] |= 1
            } == Self.report
        )
    }

    @Test func aReportIsAProbeOfThePathThatItComesOver() {
        var report = Self.big(paths: 3, runs: 0)
        report.bindingIdentifier = 2
        report.receptions[2].echo = 77
        report.receptions[2].heldFor = 5
        let probe = report.probe
        #expect(probe.hearsPeer && !probe.isFromAnchor && probe.interval == 20 && probe.bindingIdentifier == 2)
        // It left a millisecond after it had been made.
        #expect(probe.echo == 77 && probe.heldFor == 1005 && probe.sentAt == 9_000_000)
        report.receptions[2].heldFor = .max
        #expect(report.probe.heldFor == .max)
        report.bindingIdentifier = 200
        #expect(report.probe.echo == 0)
    }

    @Test func randomOctetsNeverTrap() {
        var generator = SeededGenerator()
        for index in 0..<1000 {
            var octets = generator.octets(Int.random(in: 0...700, using: &generator))
            #expect(decode(octets) == nil, "seed \(generator.seed), case \(index)")
            if octets.count >= 40 {
                octets[0] = 2
                octets[5] = UInt8(octets.count / 100)
                _ = PathReport(untagged: octets.span.bytes)
            }
        }
        let octets = Self.report.octets(key: Self.key)
        for _ in 0..<2000 { _ = PathReport(untagged: generator.mutation(of: octets).span.bytes) }
    }
}
