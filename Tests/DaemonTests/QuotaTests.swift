// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Testing
import Wire

/// What of a quota is left, and what is remembered of it.
@Suite struct QuotaTests {
    private let november = CalendarDate(year: 2026, month: 11, day: 22)
    private let december = CalendarDate(year: 2026, month: 12, day: 1)

    private func quota(_ keys: String) throws -> QuotaConfiguration {
        let text = ConfigurationTexts.gateway.replacing("uplink-rate: 20mbit", with: "quota: { \(keys) }")
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else { throw NoGateway() }
        return try #require(gateway.wans.first?.quota)
    }

    private struct NoGateway: Error {}

    /// By reference, so that expectations can change it.
    private final class Metered {
        private var meter: QuotaMeter

        init(_ meter: QuotaMeter) { self.meter = meter }

        func read(_ reading: QuotaMeter.Reading, on today: CalendarDate) -> Bool { meter.read(reading, on: today) }
        func events(on today: CalendarDate) -> [QuotaMeter.Event] { meter.events(on: today) }
        func left(on today: CalendarDate) -> UInt64 { meter.left(on: today) }
        func leftInSteps(on today: CalendarDate) -> UInt64 { meter.leftInSteps(on: today) }
    }

    private func meter(_ keys: String = "octets: 1kb") throws -> Metered {
        Metered(QuotaMeter(try quota(keys), account: nil, last: nil, on: november))
    }

    private func reading(_ octets: UInt64, _ origin: String = "here") -> QuotaMeter.Reading {
        QuotaMeter.Reading(origin: origin, octets: octets)
    }

    @Test func theLinksCounterIsFollowedWhateverItBeginsWith() throws {
        let meter = try meter()
        #expect(!meter.read(reading(5000), on: november))
        #expect(meter.read(reading(5100), on: november))
        #expect(!meter.read(reading(5100), on: november))
        #expect(meter.left(on: november) == 900)
        // The driver begins anew; then another link takes its place.
        #expect(meter.read(reading(50), on: november))
        #expect(meter.left(on: november) == 850)
        #expect(!meter.read(reading(70, "there"), on: november))
        #expect(meter.read(reading(80, "there"), on: november))
        #expect(meter.left(on: november) == 840)
        #expect(meter.read(reading(80000, "there"), on: november))
        #expect(meter.left(on: november) == 0)
        #expect(meter.left(on: december) == 1000)
    }

    @Test func theOperatorHearsOfEightyPerCentOfTheEndAndOfTheBeginning() throws {
        let meter = try meter()
        _ = meter.read(reading(0), on: november)
        _ = meter.read(reading(799), on: november)
        #expect(meter.events(on: november) == [])
        _ = meter.read(reading(800), on: november)
        #expect(meter.events(on: november) == [.nearlyUsed])
        #expect(meter.events(on: november) == [])
        _ = meter.read(reading(1000), on: november)
        #expect(meter.events(on: november) == [.used])
        #expect(meter.events(on: december) == [.begunAnew])
        // Back, and forth.
        #expect(meter.events(on: november) == [.used])
        #expect(meter.events(on: december) == [.begunAnew])
        _ = meter.read(reading(3000), on: december)
        #expect(meter.events(on: december) == [.used])
    }

    @Test func theOtherEndHearsOfHundredthsAndOfNothing() throws {
        let meter = try meter()
        #expect(meter.leftInSteps(on: november) == 1000)
        _ = meter.read(reading(0), on: november)
        _ = meter.read(reading(9), on: november)
        #expect(meter.leftInSteps(on: november) == 1000)
        _ = meter.read(reading(10), on: november)
        #expect(meter.leftInSteps(on: november) == 990)
        _ = meter.read(reading(999), on: november)
        #expect(meter.leftInSteps(on: november) == 10)
        _ = meter.read(reading(1000), on: november)
        #expect(meter.leftInSteps(on: november) == 0)
    }

    /// Machines without a clock of their own begin in 1970, or where they were switched off.
    @Test func aClockThatIsWrongForAWhileCostsNothing() throws {
        var account = QuotaAccount(resetDay: 15)
        account.add(500, on: november)
        let unset = CalendarDate(year: 1970, month: 1, day: 1)
        account.add(100, on: unset)
        #expect(account.used(on: november) == 600)
        #expect(account.used(on: unset) == 600)
        // Set forward by mistake, and back.
        let wrong = CalendarDate(year: 2038, month: 1, day: 19)
        account.add(50, on: wrong)
        #expect(account.used(on: wrong) == 50 && account.used(on: november) == 600)
        account.add(1, on: CalendarDate(year: 2026, month: 12, day: 14))
        #expect(account.used(on: november) == 601)
        account.add(7, on: CalendarDate(year: 2026, month: 12, day: 15))
        #expect(account.used(on: CalendarDate(year: 2027, month: 1, day: 14)) == 7)
        // Not for ever.
        for year in 2040..<2060 { account.add(1, on: CalendarDate(year: year, month: 1, day: 20)) }
        #expect(account.periods.count == 12)
    }

    @Test func configurationChangesKeepWhatWasCounted() throws {
        var account = QuotaAccount(resetDay: 1)
        account.add(400, on: november)
        let later = try quota("octets: 1kb, reset-day: 20, used: 1b")
        let moved = QuotaMeter(later, account: account, last: nil, on: november)
        #expect(moved.left(on: november) == 600)
        #expect(moved.left(on: CalendarDate(year: 2026, month: 12, day: 19)) == 600)
        #expect(moved.left(on: CalendarDate(year: 2026, month: 12, day: 20)) == 1000)
        let raised = QuotaMeter(try quota("octets: 2kb"), account: account, last: nil, on: november)
        #expect(raised.left(on: november) == 1600)
        #expect(try meter("octets: 1kb, used: 300b").left(on: november) == 700)
    }

    @Test func whatIsRememberedIsWholeOrNothing() throws {
        let folder = try ScratchFolder()
        let file = QuotaFile(path: "\(folder.path)/mag.quota")
        #expect(try file.load() == [:])
        var account = QuotaAccount(resetDay: 31)
        account.add(7, on: november)
        account.add(.max, on: december)
        let entries = [
            "wan1": QuotaFile.Entry(account: account, last: reading(9, "boot network 3")),
            "wan 2*": QuotaFile.Entry(account: QuotaAccount(resetDay: 1), last: nil),
        ]
        try file.save(entries)
        try file.save(entries)
        #expect(try file.load() == entries)
        #expect(folder.names == ["mag.quota"])
        var status = stat()
        #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        folder.write("[{\"name\": \"wan1\"", to: "mag.quota")
        #expect(try file.load() == nil)
        folder.write("[{\"name\": \"a\", \"resetDay\": 77, \"periods\": {}}]", to: "mag.quota")
        #expect(try file.load() == [:])
        folder.write("[{\"name\": \"a\", \"resetDay\": 7, \"periods\": {\"yesterday\": 3}}]", to: "mag.quota")
        #expect(try file.load()?["a"]?.account.periods == [:])
    }
}
