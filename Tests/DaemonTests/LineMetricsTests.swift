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
            "downlink-rate 50mbit\n\n  uplink-rate\t10mbit \ncost 3\nquota-left 3gb\nsignal -80\ncost 300\nuplink-rate 0mbit\nnonsense"
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
        let configured = try wan("uplink-rate: 20mbit, downlink-rate: 70mbit, cost: 1".replacing(", ", with: "\n      "))
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
        #expect(!other.differs(from: metrics))
        other.downlinkRate = 105
        #expect(!other.differs(from: metrics))
        other.downlinkRate = 94
        #expect(other.differs(from: metrics))
        other = metrics
        other.uplinkRate = nil
        #expect(other.differs(from: metrics))
        other = metrics
        other.costClass = 2
        #expect(other.differs(from: metrics))
        other = metrics
        other.quotaLeft = 990
        #expect(!other.differs(from: metrics))
        other.quotaLeft = 989
        #expect(other.differs(from: metrics))
        let little = LinkMetrics(quotaLeft: 1)
        #expect(LinkMetrics(quotaLeft: 0).differs(from: little))
    }

    @Test func theHighestRateOfTenMinutesCounts() {
        var measured = MeasuredRate()
        var octets: UInt64 = 0
        func second(_ number: Int, _ bits: UInt64) {
            octets += bits / 8
            measured.sample(octets, at: .zero + .seconds(number))
        }
        second(0, 0)
        #expect(measured.rate == nil)
        second(1, 16_000_000)
        second(2, 8_000_000)
        #expect(measured.rate == 15_728_640)
        // Too soon to be a rate.
        measured.sample(octets + 10_000_000, at: .zero + .milliseconds(2400))
        #expect(measured.rate == 15_728_640)
        second(599, 8_000_000)
        #expect(measured.rate == 15_728_640)
        second(660, 488_000_000)
        #expect(measured.rate == 7_864_320)
        // The worker begins anew.
        measured.sample(0, at: .zero + .seconds(661))
        #expect(measured.rate == 7_864_320)
        measured.sample(0, at: .zero + .seconds(1400))
        #expect(measured.rate == nil)
    }
}
