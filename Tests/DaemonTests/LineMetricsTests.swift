// SPDX-License-Identifier: Apache-2.0
import Daemon
import Testing
import Wire

/// What is known of a line, and by whom.
@Suite struct LineMetricsTests {
    private func wan(_ keys: String) throws -> WANConfiguration {
        let text = ConfigurationTexts.gateway.replacing("uplink-rate: 20mbit", with: keys)
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else { throw NoGateway() }
        return try #require(gateway.wans.first)
    }

    private struct NoGateway: Error {}

    @Test func aProgramSaysALineEach() {
        let report = LineReport(
            "downlink-rate 50mbit\n\n  uplink-rate\t10mbit \ncost 3\nquota-left 3gb\n"
                + "signal -80\ncost 300\nuplink-rate 0mbit\nnonsense"
        )
        #expect(report.downlinkRate == 50_000_000)
        #expect(report.uplinkRate == 10_000_000)
        #expect(report.cost == 3)
        #expect(report.quotaLeft == 3_000_000_000)
        #expect(report.unknown == ["signal -80", "cost 300", "uplink-rate 0mbit", "nonsense"])
        #expect(LineReport("") == LineReport())
        #expect(LineReport("quota-left 0b").quotaLeft == 0)
        #expect(LineReport("downlink-rate 99999999999999999999gbit").downlinkRate == nil)
    }

    @Test func theOperatorsWordGoesBeforeTheProgramsAndThatBeforeWhatWasSeen() throws {
        var report = LineReport("downlink-rate 50mbit\nuplink-rate 10mbit\ncost 3\nquota-left 3gb")
        let configured = try wan(
            "uplink-rate: 20mbit, downlink-rate: 70mbit, cost: 1".replacing(", ", with: "\n      ")
        )
        #expect(
            LinkMetrics(configured: configured, reported: report, measuredDownlink: 5, quotaLeft: 7)
                == LinkMetrics(downlinkRate: 70_000_000, uplinkRate: 20_000_000, costClass: 1, quotaLeft: 7)
        )
        let open = try wan("name: line")
        #expect(
            LinkMetrics(configured: open, reported: report, measuredDownlink: 5)
                == LinkMetrics(
                    downlinkRate: 50_000_000,
                    uplinkRate: 10_000_000,
                    costClass: 3,
                    quotaLeft: 3_000_000_000
                )
        )
        report.downlinkRate = nil
        let measured = LinkMetrics(configured: open, reported: report, measuredDownlink: 5)
        #expect(measured.downlinkRate == 5 && measured.isMeasured && measured.uplinkRate == 10_000_000)
        #expect(LinkMetrics(configured: open, reported: nil) == LinkMetrics())
    }

    @Test func theOtherEndHearsOfWhatMatters() {
        let metrics = LinkMetrics(downlinkRate: 100, uplinkRate: 100, costClass: 1, quotaLeft: 1000)
        var other = metrics
        #expect(!other.differs(from: metrics, rates: 20, quota: 100))
        other.downlinkRate = 105
        #expect(!other.differs(from: metrics, rates: 20, quota: 100))
        other.downlinkRate = 94
        #expect(other.differs(from: metrics, rates: 20, quota: 100))
        other = metrics
        other.uplinkRate = nil
        #expect(other.differs(from: metrics, rates: 20, quota: 100))
        other = metrics
        other.costClass = 2
        #expect(other.differs(from: metrics, rates: 20, quota: 100))
        other = metrics
        other.quotaLeft = 990
        #expect(!other.differs(from: metrics, rates: 20, quota: 100))
        other.quotaLeft = 989
        #expect(other.differs(from: metrics, rates: 20, quota: 100))
        let little = LinkMetrics(quotaLeft: 1)
        #expect(LinkMetrics(quotaLeft: 0).differs(from: little, rates: 20, quota: 100))
    }

    /// What passes in each second, and how long the round trip is in the end.
    private struct Line {
        var measured = MeasuredRate()
        private var counted = MeasuredRate.Sample(received: 0, sent: 0, roundTrip: nil)

        mutating func second(_ number: Int, down bits: UInt64, up: UInt64 = 0, roundTrip: Int = 100) {
            counted.received += bits / 8
            counted.sent += up / 8
            counted.roundTrip = .milliseconds(roundTrip)
            measured.add(counted, at: .zero + .seconds(number))
        }
    }

    @Test func theHighestRateOfAFullLineCountsForTenMinutes() {
        var line = Line()
        line.second(0, down: 0, roundTrip: 40)
        // Nothing waits: somebody sends no more than that.
        line.second(1, down: 90_000_000, roundTrip: 40)
        line.second(2, down: 90_000_000, roundTrip: 55)
        #expect(line.measured.rate == nil)
        line.second(3, down: 16_000_000)
        line.second(4, down: 8_000_000)
        #expect(line.measured.rate == 15_728_640)
        // The queue is on the way up.
        line.second(5, down: 40_000_000, up: 50_000_000)
        #expect(line.measured.rate == 15_728_640)
        line.second(599, down: 8_000_000)
        #expect(line.measured.rate == 15_728_640)
        line.second(664, down: 8_000_000, roundTrip: 40)
        #expect(line.measured.rate.map { $0 < 20_000 } == true)
    }

    @Test func countersThatBeginAnewTellNothing() {
        var measured = MeasuredRate()
        for (second, octets) in [0, 1_000_000, 1_000_000, 0, 125_000].enumerated() {
            let time = Duration.milliseconds(second == 1 ? 10 : 100)
            let sample = MeasuredRate.Sample(received: UInt64(octets), sent: 0, roundTrip: time)
            measured.add(sample, at: .zero + .seconds(second))
        }
        #expect(measured.rate == 983_040)
        // Too soon to be a rate.
        let sample = MeasuredRate.Sample(received: .max, sent: 0, roundTrip: .seconds(1))
        measured.add(sample, at: .zero + .milliseconds(4300))
        #expect(measured.rate == 983_040)
    }
}
