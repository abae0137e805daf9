// SPDX-License-Identifier: Apache-2.0

/// What has passed an access network, by the days of reset before it passed. The clock on the wall says which period it is,
/// also after it was set back.
package struct QuotaAccount: Equatable, Sendable {
    /// The greatest number of periods that are remembered; more than one only because clocks err.
    private static let memory = 12
    /// Before it, the clock was not set yet since the machine started.
    private static let firstDay = CalendarDate(year: 2025, month: 1, day: 1)

    package private(set) var resetDay: Int
    /// Octets by the first day of their period.
    package private(set) var periods: [CalendarDate: UInt64]

    package init(resetDay: Int, periods: [CalendarDate: UInt64] = [:]) {
        self.resetDay = resetDay
        self.periods = periods
    }

    /// The first day of the period.
    package func period(on today: CalendarDate) -> CalendarDate {
        if today < Self.firstDay, let newest = periods.keys.max() { return newest }
        return today.lastReset(on: resetDay)
    }

    package func used(on today: CalendarDate) -> UInt64 { periods[period(on: today)] ?? 0 }

    package mutating func add(_ octets: UInt64, on today: CalendarDate) {
        let period = period(on: today)
        let (sum, overflow) = (periods[period] ?? 0).addingReportingOverflow(octets)
        periods[period] = overflow ? .max : sum
        while periods.count > Self.memory, let oldest = periods.keys.filter({ $0 != period }).min() {
            periods[oldest] = nil
        }
    }

    /// Another day of reset: nobody knows what has passed since the last one of that kind, so all of the period counts.
    package mutating func move(to resetDay: Int, on today: CalendarDate) {
        guard resetDay != self.resetDay else { return }
        let used = used(on: today)
        self.resetDay = resetDay
        periods = used == 0 ? [:] : [period(on: today): used]
    }
}
