// SPDX-License-Identifier: Apache-2.0

/// Counts what passes one metered access network, by its link's own counter: inner and outer headers, signalling, probes,
/// what goes past the anchor and what the machine itself sends are all in there. Its link-layer headers are as well, on
/// Ethernet 14 octets a packet, so that no provider has counted more.
package struct QuotaMeter: Sendable {
    /// Where a link's counter stood.
    package struct Reading: Equatable, Sendable {
        /// By which a restarted machine, another network, and a link that was made anew are told apart.
        package var origin: String
        package var octets: UInt64

        package init(origin: String, octets: UInt64) {
            self.origin = origin
            self.octets = octets
        }
    }

    /// What an operator wants to know of.
    package enum Event: Equatable, Sendable {
        case nearlyUsed
        case used
        case begunAnew
    }

    package let quota: UInt64
    package private(set) var account: QuotaAccount
    package private(set) var last: Reading?
    /// What was told last: how much of the quota, and of which period.
    private var told: (grade: Int, period: CalendarDate)?

    /// - Parameters:
    ///   - account: of an earlier life.
    ///   - last: likewise: what has passed since counts, if the link's counter is still the same.
    package init(_ configuration: QuotaConfiguration, account: QuotaAccount?, last: Reading?, on today: CalendarDate) {
        quota = configuration.octets
        self.last = last
        if let account {
            self.account = account
            self.account.move(to: configuration.resetDay, on: today)
        } else {
            self.account = QuotaAccount(resetDay: configuration.resetDay)
            self.account.add(configuration.used, on: today)
        }
        told = (0, self.account.period(on: today))
    }

    package func left(on today: CalendarDate) -> UInt64 {
        let used = account.used(on: today)
        return used < quota ? quota - used : 0
    }

    /// Whole hundredths of the quota, rounded up: the other end need not hear of every packet, but when there is nothing.
    package func leftInSteps(on today: CalendarDate) -> UInt64 {
        let left = left(on: today)
        let step = max(quota / 100, 1)
        return left == 0 ? 0 : min(quota, (left - 1) / step * step + step)
    }

    /// The link's counter stands there now. Returns whether anything has passed.
    package mutating func read(_ reading: Reading, on today: CalendarDate) -> Bool {
        defer { last = reading }
        guard let last, last.origin == reading.origin else { return false }
        // A driver may begin anew at 0.
        let passed = reading.octets >= last.octets ? reading.octets - last.octets : reading.octets
        guard passed > 0 else { return false }
        account.add(passed, on: today)
        return true
    }

    /// What has come about since it was asked last.
    package mutating func events(on today: CalendarDate) -> [Event] {
        let used = account.used(on: today)
        let grade = used >= quota ? 2 : used >= quota - quota / 5 ? 1 : 0
        let period = account.period(on: today)
        defer { told = (grade, period) }
        guard let told else { return [] }
        // A clock that was set back leads into a period that was there before.
        let isNew = period > told.period
        let risen = grade > (isNew ? 0 : told.grade)
        return (isNew ? [.begunAnew] : []) + (risen ? [grade == 2 ? .used : .nearlyUsed] : [])
    }
}
