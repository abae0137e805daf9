// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testing
import Wire

/// Reports in the place of probes, between two real forwarders.
@Suite struct ReportTests {
    private static let perPacket = Distribution.perPacket(reorderTimeout: .milliseconds(100))

    /// User packets in both directions, one every so many milliseconds.
    private func traffic(_ pair: Pair, milliseconds: Int, every step: Int = 2) {
        for number in 0..<milliseconds / step {
            pair.up(Rules.up(port: UInt16(5000 + number % 3)))
            pair.down(Rules.down())
            pair.passes(Int64(step))
        }
    }

    @Test func reportsTakeThePlaceOfProbes() {
        let pair = Pair.reporting()
        #expect(pair.conditions == [.alive, .alive, .alive, .alive])
        traffic(pair, milliseconds: 100)
        #expect(pair.reports(isUp: true).count > 5 && pair.reports(isUp: false).count > 5)
        for isUp in [true, false] {
            // Version 1 at the very beginning at most.
            #expect(pair.controls(isUp: isUp).allSatisfy { $0.octets.first == PathReport.version })
        }
        #expect(pair.gateway.path(1)?.counters.probesRejected == 0)
        #expect(pair.gateway.session()?.counters == SessionCounters())
    }

    /// Where the processor has other things to do packets are read late, which is no delay of their path.
    @Test func whatWaitsToBeReadIsNoPartOfTheWay() throws {
        let pair = Pair.reporting()
        traffic(pair, milliseconds: 200)
        for path in pair.links.keys { pair.links[path]?.wait = .milliseconds(30) }
        traffic(pair, milliseconds: 200)
        let start = pair.now
        traffic(pair, milliseconds: 200)
        for peer in [pair.gateway, pair.anchor] {
            for path in [1, 2] as [Int32] {
                let trip = try #require(peer.path(path)?.latestRoundTripTime)
                #expect(trip >= .milliseconds(20) && trip < .milliseconds(22), "\(trip)")
            }
        }
        for isUp in [true, false] {
            let receptions = pair.reports(isUp: isUp).filter { $0.at > start }.flatMap(\.report.receptions)
            #expect(!receptions.isEmpty)
            for one in receptions { #expect(min(one.newestAge, one.octetsAge, one.heldFor) >= 30_000) }
        }
    }

    @Test func everyPathGetsACopyOfEachReport() {
        let pair = Pair.reporting()
        traffic(pair, milliseconds: 200)
        let copies = pair.reports(isUp: true).filter { !$0.report.isMarker && $0.at > .milliseconds(1100) }
        let made = Dictionary(grouping: copies) { $0.report.madeAt }
        #expect(made.count > 10)
        for (_, copies) in made {
            #expect(copies.map(\.path) == [1, 2] && copies.map(\.report.bindingIdentifier) == [1, 2])
            #expect(copies.first?.report.receptions == copies.last?.report.receptions)
        }
    }

    @Test func reportsComeOftenWhileTrafficPassesAndSeldomLater() {
        let pair = Pair.reporting()
        func times(since start: Instant) -> Int {
            pair.reports(isUp: true).filter { $0.at >= start && $0.path == 1 && !$0.report.isMarker }.count
        }
        var start = pair.now
        pair.passes(1000)
        #expect(times(since: start) == 4)
        start = pair.now
        traffic(pair, milliseconds: 1000, every: 5)
        #expect((49...52).contains(times(since: start)))
        pair.passes(600)
        start = pair.now
        pair.passes(1000)
        #expect(times(since: start) == 10)
        pair.passes(10_000)
        start = pair.now
        pair.passes(1000)
        #expect(times(since: start) == 4)
    }

    /// What is promised in a report holds, whatever happens meanwhile.
    @Test func theNextReportComesWithinThePromise() {
        let pair = Pair.reporting()
        traffic(pair, milliseconds: 300)
        pair.passes(3000)
        pair.up(Rules.up())
        pair.passes(1000)
        for isUp in [true, false] {
            for path in [1, 2] as [PathNumber] {
                let reports = pair.reports(isUp: isUp).filter { $0.path == path }
                for (earlier, later) in zip(reports, reports.dropFirst()) {
                    #expect(later.at - earlier.at <= .milliseconds(Int(earlier.report.interval) + 1))
                }
            }
        }
    }

    @Test func anEndThatForgotLearnsFromTheFirstReport() {
        let pair = Pair(Self.perPacket)
        var path = Pair.path(1, isUp: true, probeKey: Pair.probeKey)
        path.hasReports = true
        pair.gateway.apply(.installPath(1, path), at: pair.now)
        path = Pair.path(2, isUp: true, probeKey: Pair.probeKey)
        path.hasReports = true
        pair.gateway.apply(.installPath(2, path), at: pair.now)
        pair.passes(500)
        #expect(pair.conditions == [.alive, .alive, .alive, .alive])
        #expect(pair.controls(isUp: false).last?.octets.first == PathReport.version)
    }

    /// The reorder buffer is larger where there are reports: nothing of the smaller one is left.
    @Test func reportsBeginWithAnotherNumberSpace() {
        let pair = Pair(Self.perPacket)
        traffic(pair, milliseconds: 100)
        for (peer, isUp) in [(pair.anchor, false), (pair.gateway, true)] {
            var session = Pair.session(Self.perPacket, isUp: isUp)
            if isUp { session.sendKey = 99 } else { session.receiveKey = 99 }
            peer.apply(.installSession(1, session), at: pair.now)
        }
        for number in [1, 2] as [PathNumber] {
            var path = Pair.path(number, isUp: false, probeKey: Pair.probeKey)
            path.hasReports = true
            pair.anchor.apply(.installPath(number, path), at: pair.now)
        }
        let before = pair.anchor.delivered.count
        for number in 0..<1500 {
            pair.up(Numbered.packet(number))
            pair.passes(1)
        }
        pair.passes(100)
        #expect(pair.anchor.delivered.dropFirst(before).map { Numbered.number(of: $0) } == Array(0..<1500))
    }

    /// A new number space, of which the first packet that comes, before any report, is not the first: the report names a number beyond
    /// it. Whatever the moment, nothing is held for ever, or counted up to.
    @Test(arguments: [0, 4, 8, 12, 16] as [Int64]) func aPacketMayComeBeforeTheFirstReport(offset: Int64) {
        let pair = Pair.reporting()
        traffic(pair, milliseconds: 200)
        pair.passes(offset)
        for (peer, isUp) in [(pair.anchor, false), (pair.gateway, true)] {
            var session = Pair.session(Self.perPacket, isUp: isUp)
            if isUp { session.sendKey = 99 } else { session.receiveKey = 99 }
            peer.apply(.installSession(1, session), at: pair.now)
        }
        for path in [1, 2] as [PathNumber] { pair.links[path]?.losesUp = true }
        for number in 0..<5 { pair.up(Numbered.packet(number)) }
        for path in [1, 2] as [PathNumber] { pair.links[path]?.losesUp = false }
        pair.up(Numbered.packet(5))
        pair.passes(2000)
        #expect(pair.anchor.session()?.held == 0)
        #expect(pair.anchor.delivered.contains { Numbered.number(of: $0) == 5 })
    }

    @Test func aPeerWithoutReportsGetsProbes() {
        let pair = Pair(Self.perPacket)
        pair.passes(1000)
        #expect(pair.reports(isUp: true).isEmpty && pair.reports(isUp: false).isEmpty)
        #expect(pair.gateway.path(1)?.feedback == nil)
    }

    @Test func feedbackHasDelayRoundTripAndWhatArrived() throws {
        let pair = Pair.reporting(delays: [10, 40])
        // The slower path is given what has to take it, with numbers.
        let bond = Rules.rule(1, .bond, .labels([12]), selector: Rules.port(5000), isStrict: true)
        pair.install(rules: [bond], Self.perPacket)
        traffic(pair, milliseconds: 500)
        pair.passes(60)
        let (quick, slow) = (
            try #require(pair.gateway.path(1)?.feedback), try #require(pair.gateway.path(2)?.feedback)
        )
        // One clock for both ends: the delay is that of the line. The report came back over the quicker one.
        #expect(quick.roundTrip == .milliseconds(20))
        #expect(try #require(slow.roundTrip) == .milliseconds(50))
        #expect(quick.delay == .milliseconds(10) && slow.delay == .milliseconds(40))
        let sent = pair.userPackets().filter { $0.path == 1 && $0.at < pair.now - .milliseconds(60) }
        // Of IPv6 the outer header is larger.
        #expect(quick.delivered == UInt64(sent.reduce(0) { $0 + $1.octets.count + 40 }))
        #expect(slow.delivered > 0 && quick.deliveredAt > .zero)
    }

    @Test func bothEndsNoticeAPathThatStopsWithinATenthOfASecond() {
        for offset in stride(from: 0, to: 20, by: 3) as StrideTo<Int64> {
            let pair = Pair.reporting()
            traffic(pair, milliseconds: 400)
            pair.passes(offset)
            pair.links[1]?.losesUp = true
            pair.links[1]?.losesDown = true
            traffic(pair, milliseconds: 90)
            #expect(pair.conditions == [.silent, .alive, .silent, .alive], "offset \(offset)")
            pair.links[1]?.losesUp = false
            pair.links[1]?.losesDown = false
            traffic(pair, milliseconds: 120)
            #expect(pair.conditions == [.alive, .alive, .alive, .alive], "offset \(offset)")
        }
    }

    @Test(arguments: [true, false]) func oneDirectionThatStopsIsToldOverTheOtherPath(isUp: Bool) {
        let pair = Pair.reporting(delays: [40, 10])
        traffic(pair, milliseconds: 400)
        pair.links[1]?.losesUp = isUp
        pair.links[1]?.losesDown = !isUp
        traffic(pair, milliseconds: 150)
        #expect(pair.conditions == [.silent, .alive, .silent, .alive])
        let peer = isUp ? pair.gateway : pair.anchor
        #expect(peer.silences(of: 1) == [.peerHearsNothing])
    }

    @Test func onePathAloneIsNotTakenToHaveStoppedBecauseAMachineIsSlow() {
        let pair = Pair.reporting()
        traffic(pair, milliseconds: 400)
        for path in [1, 2] as [PathNumber] { pair.links[path]?.losesDown = true }
        pair.passes(80)
        for path in [1, 2] as [PathNumber] { pair.links[path]?.losesDown = false }
        traffic(pair, milliseconds: 300)
        #expect(pair.gateway.silences(of: 1).isEmpty && pair.gateway.silences(of: 2).isEmpty)
    }

    @Test func copiesAndReplaysAndForgeriesChangeNothing() {
        let pair = Pair.reporting()
        traffic(pair, milliseconds: 200)
        let before = pair.gateway.path(1)?.feedback
        let then = pair.now - .milliseconds(30)
        let old = pair.log.last { !$0.isUp && $0.path == 1 && $0.at < then && Pair.isProbe($0.octets) }?.octets ?? []
        pair.gateway.fromTunnel(old, Pair.arrival(1, isUp: false), at: pair.now)
        var forged = old
        forged[forged.count - 20] ^= 1
        pair.gateway.fromTunnel(forged, Pair.arrival(1, isUp: false), at: pair.now)
        #expect(pair.gateway.drops[.badProbe] >= 1)
        #expect(pair.gateway.path(1)?.feedback == before)
        #expect(pair.gateway.leaked == 0)
    }

    /// On one that carries nothing: whatever is missing is not on its way there.
    @Test func anIdlePathTellsHowFarTheNumbersAre() {
        let pair = Pair(Self.perPacket, delays: [30, 10], rates: [100_000_000, 100_000_000], hasReports: true)
        pair.passes(1000)
        traffic(pair, milliseconds: 300)
        let markers = pair.reports(isUp: true).filter { $0.report.isMarker }
        #expect(markers.count > 10)
        #expect(markers.allSatisfy { $0.path == 1 && $0.report.nextNumber > 0 })
        let last = pair.now
        pair.passes(1000)
        #expect(!pair.reports(isUp: true).contains { $0.report.isMarker && $0.at > last + .milliseconds(20) })
    }
}

extension Pair {
    /// Probes and reports without their headers.
    func controls(isUp: Bool) -> [(at: Instant, path: PathNumber, octets: [UInt8])] {
        log.compactMap { entry in
            guard entry.isUp == isUp, Self.isProbe(entry.octets) else { return nil }
            // GRE with key; of UDP also a TLV header.
            return (entry.at, entry.path, Array(entry.octets.dropFirst(entry.octets.first == 0 ? 12 : 8)))
        }
    }

    func reports(isUp: Bool) -> [(at: Instant, path: PathNumber, report: PathReport)] {
        controls(isUp: isUp).compactMap { entry in
            PathReport(entry.octets.span.bytes, key: Self.probeKey).map { (entry.at, entry.path, $0) }
        }
    }
}
