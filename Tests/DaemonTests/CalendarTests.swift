// SPDX-License-Identifier: Apache-2.0
import Daemon
import Testing

/// When quotas begin anew.
@Suite struct CalendarTests {
    private func date(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

    @Test(arguments: [
        ("2026-11-22", 1, "2026-11-01", "2026-12-01"),
        ("2026-11-01", 1, "2026-11-01", "2026-12-01"),
        ("2026-12-31", 1, "2026-12-01", "2027-01-01"),
        ("2026-01-14", 15, "2025-12-15", "2026-01-15"),
        // Months that have no such day.
        ("2026-02-27", 31, "2026-01-31", "2026-02-28"),
        ("2026-02-28", 31, "2026-02-28", "2026-03-31"),
        ("2026-03-30", 31, "2026-02-28", "2026-03-31"),
        ("2026-04-30", 31, "2026-04-30", "2026-05-31"),
        ("2027-02-28", 30, "2027-02-28", "2027-03-30"),
        // Leap years.
        ("2028-02-28", 29, "2028-01-29", "2028-02-29"),
        ("2028-02-29", 31, "2028-02-29", "2028-03-31"),
        ("2000-02-29", 30, "2000-02-29", "2000-03-30"),
        ("2100-02-28", 29, "2100-02-28", "2100-03-29"),
    ])
    func thePeriodIsThatOfTheDay(today: String, resetDay: Int, first: String, next: String) throws {
        #expect("\(try date(today).lastReset(on: resetDay))" == first)
        #expect("\(try date(today).nextReset(on: resetDay))" == next)
    }

    @Test func everyDayBelongsToOnePeriod() throws {
        for resetDay in 1...31 {
            var (begin, periods) = (try date("2027-01-01").lastReset(on: resetDay), 0)
            for year in 2027...2028 {
                for month in 1...12 {
                    for day in 1...31 {
                        guard let today = CalendarDate("\(CalendarDate(year: year, month: month, day: day))") else {
                            continue
                        }
                        let first = today.lastReset(on: resetDay)
                        #expect(first <= today && today < today.nextReset(on: resetDay))
                        if first != begin { periods += 1 }
                        #expect(first >= begin)
                        begin = first
                    }
                }
            }
            #expect(periods == (resetDay == 1 ? 23 : 24))
        }
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-02-29", "2026-00-01", "2026-01-00", "-1-01-01", "a-b-c", "2026-1-1-1",
    ])
    func whatIsNoDateIsNone(text: String) { #expect(CalendarDate(text) == nil) }
}
