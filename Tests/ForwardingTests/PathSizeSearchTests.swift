// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

@Suite struct PathSizeSearchTests {
    /// A search and the way that it is about, in virtual time; answers take 20 ms.
    private struct Way {
        var search: PathSizeSearch
        var width: Int
        var now = Instant.milliseconds(1000)
        /// Probes that left, and which of them are lost whatever their size.
        var sizes: [Int] = []
        var losesNext = 0
        var losesAll = false
        /// How many of four, by no pattern.
        var losesOfFour: UInt64 = 0
        private var flying: [(arrival: Instant, number: UInt64)] = []

        init(_ width: Int, limit: Int = 1500, isIPv4: Bool = true) {
            self.width = width
            search = PathSizeSearch(limit: limit, isIPv4: isIPv4)
            search.setUsable(true, at: now)
        }

        mutating func passes(_ milliseconds: Int64, busy: Bool = false) {
            let end = now + .milliseconds(milliseconds)
            while true {
                if busy { search.sends(1500, at: now) }
                let next = min(search.nextDeadline, flying.first?.arrival ?? .never)
                guard next <= end else { break }
                now = max(now, next)
                while let first = flying.first, first.arrival <= now {
                    flying.removeFirst()
                    search.arrived(number: first.number, at: now)
                }
                for size in search.sizesDue(at: now, patience: .milliseconds(200)) { send(size) }
            }
            now = end
        }

        private mutating func send(_ size: Int) {
            sizes.append(size)
            let number = UInt64(sizes.count)
            search.sent(size, number: number)
            if losesNext > 0 {
                losesNext -= 1
            } else if size <= width, !losesAll, (number &* 0x9E37_79B9_7F4A_7C15) >> 62 >= losesOfFour {
                flying.append((now + .milliseconds(20), number))
            }
        }

        mutating func takeSizes() -> [Int] {
            defer { sizes = [] }
            return sizes
        }
    }

    @Test func aPathThatIsAsLargeAsConfiguredCostsOneProbe() {
        var way = Way(1500)
        way.passes(1000)
        #expect(way.takeSizes() == [1500] && way.search.size == 1500)
        way.passes(59_000)
        #expect(way.takeSizes().isEmpty)
        way.passes(2000)
        #expect(way.takeSizes() == [1500])
    }

    @Test func aPathThatLosesALotIsNotNarrowForThat() {
        var way = Way(1500)
        way.losesOfFour = 3
        var narrowest = 1500
        for _ in 0..<300 {
            way.passes(1000, busy: true)
            narrowest = min(narrowest, way.search.size)
        }
        #expect(narrowest == 1500)
        way.width = 1400
        way.passes(60_000, busy: true)
        #expect(way.search.size == 1400)
    }

    @Test func whileLargePacketsPassItIsConfirmedEachSecond() {
        var way = Way(1500)
        way.passes(10_500, busy: true)
        #expect((10...11).contains(way.takeSizes().count) && way.search.size == 1500)
        way.passes(2000)
        _ = way.takeSizes()
        // Small ones say nothing of the size.
        for _ in 0..<50 {
            way.search.sends(500, at: way.now)
            way.passes(100)
        }
        #expect(way.takeSizes().isEmpty)
    }

    @Test(arguments: [1499, 1492, 1491, 1480, 1401, 1400, 1333, 1280, 1200, 900, 577, 576], [false, true])
    func everySizeIsFoundToTheOctet(_ width: Int, isBusy: Bool) {
        var way = Way(width)
        way.passes(5000, busy: isBusy)
        #expect(way.search.size == width)
    }

    @Test func ofIPv6NoPathIsTakenToBeSmallerThanAllAre() {
        var way = Way(1200, isIPv4: false)
        way.passes(20_000, busy: true)
        #expect(way.search.size == 1500)
        #expect(way.takeSizes().allSatisfy { $0 >= 1280 })
    }

    /// P9: a black hole is noticed within two seconds.
    @Test(arguments: [1280, 1200, 1404]) func aPathThatBecomesNarrowerIsNoticedWithinTwoSeconds(_ width: Int) {
        var way = Way(1500)
        way.passes(5300, busy: true)
        way.width = width
        way.passes(2000, busy: true)
        #expect(way.search.size <= width)
        way.passes(3000, busy: true)
        #expect(way.search.size == width)
    }

    @Test func lossIsNoSize() {
        var way = Way(1500)
        way.passes(1000)
        // The confirmation, its repetition with all that is smaller, and one of the third.
        way.losesNext = 2
        way.passes(2000, busy: true)
        #expect(way.search.size == 1500)
        way.losesAll = true
        way.passes(30_000, busy: true)
        #expect(way.search.size == 1500)
        way.losesAll = false
        way.passes(6000, busy: true)
        #expect(way.search.size == 1500)
    }

    @Test func aPathThatBecomesWiderIsUsedWhollyAgain() {
        var way = Way(1400)
        way.passes(3000)
        #expect(way.search.size == 1400)
        way.width = 1500
        way.passes(16_000)
        #expect(way.search.size == 1500)
    }

    /// RFC 8899 §5.1.1, and sooner at first.
    @Test func whatIsLargerIsTriedEverMoreSeldom() {
        var way = Way(1400)
        way.passes(3000)
        _ = way.takeSizes()
        var times: [Int] = []
        for second in 0..<3000 {
            way.passes(1000)
            if way.takeSizes().contains(where: { $0 > 1400 }) { times.append(second) }
        }
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(times.first.map { $0 <= 15 } == true && gaps.contains { $0 >= 590 } && gaps.allSatisfy { $0 <= 601 })
        #expect(way.search.size == 1400)
    }

    @Test func anotherLimitBeginsAnew() {
        var way = Way(1400)
        way.passes(3000)
        way.search.change(limit: 1500, isIPv4: true, at: way.now)
        #expect(way.search.size == 1400)
        way.search.change(limit: 1450, isIPv4: true, at: way.now)
        #expect(way.search.size == 1450)
        way.passes(3000)
        #expect(way.search.size == 1400)
    }

    @Test func whatCannotBeReceivedIsNotProbed() {
        var way = Way(9000, limit: 9000)
        way.passes(2000)
        #expect(way.takeSizes() == [PathSizeSearch.largest])
        #expect(way.search.octets(within: 9000) == 9000)
        way.search.setUsable(false, at: way.now)
        #expect(way.search.nextDeadline == .never)
    }

    @Test func answersThatNobodyWaitsForMeanNothing() {
        var way = Way(1400)
        way.passes(3000)
        for number in UInt64(500)..<600 { way.search.arrived(number: number, at: way.now) }
        #expect(way.search.size == 1400)
    }
}
