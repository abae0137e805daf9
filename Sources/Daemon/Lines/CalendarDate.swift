// SPDX-License-Identifier: Apache-2.0

/// A day where the machine is.
package struct CalendarDate: Hashable, Comparable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    package static func < (a: Self, b: Self) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

    /// The last day of reset, this day included. `resetDay` is one of the month, or its last if it has no such day.
    package func lastReset(on resetDay: Int) -> CalendarDate {
        let here = Self.reset(resetDay, year: year, month: month)
        if here <= self { return here }
        return Self.reset(resetDay, year: month == 1 ? year - 1 : year, month: month == 1 ? 12 : month - 1)
    }

    /// The first day of reset after this day.
    package func nextReset(on resetDay: Int) -> CalendarDate {
        let here = Self.reset(resetDay, year: year, month: month)
        if here > self { return here }
        return Self.reset(resetDay, year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1)
    }

    private static func reset(_ day: Int, year: Int, month: Int) -> CalendarDate {
        CalendarDate(year: year, month: month, day: min(day, days(of: month, in: year)))
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CalendarDate: CustomStringConvertible {
    package var description: String { "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)" }
}

extension CalendarDate: LosslessStringConvertible {
    /// `2026-11-01`
    package init?(_ text: String) {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2],
            (0...9999).contains(year), (1...12).contains(month), (1...Self.days(of: month, in: year)).contains(day)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}
