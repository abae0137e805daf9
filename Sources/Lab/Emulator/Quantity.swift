// SPDX-License-Identifier: Apache-2.0

/// A setting's value as an operator writes it, and the units it may have.
struct Quantity {
    let key: String
    let text: String

    /// `20mbit`, `500kbit`, `1gbit`, `unlimited` (nil); bits per second, decimal.
    func rate() throws(SettingError) -> Int64? {
        if text == "unlimited" { return nil }
        let expected = "a rate such as 20mbit, 500kbit or 1gbit, or unlimited"
        let units = [("kbit", 1e3), ("mbit", 1e6), ("gbit", 1e9), ("bit", 1)]
        let bits = try scaled(by: units, most: 1e11, expected)
        guard bits >= 1 else { throw failure(expected) }
        return Int64(bits)
    }

    /// `15ms`, `250us`, `1s`; one minute at most.
    func duration() throws(SettingError) -> Duration {
        let nanoseconds = try scaled(by: Self.durations, most: 6e10, "a duration such as 15ms, 250us or 1s, up to 60s")
        return .nanoseconds(Int64(nanoseconds))
    }

    /// `1%`, `0.05%`.
    func share() throws(SettingError) -> Double {
        try scaled(by: [("%", 0.01)], most: 1, "a percentage such as 0.5%, from 0% to 100%")
    }

    /// A duration, or octets: `50ms`, `64kB`, `15000B`.
    func queueLimit() throws(SettingError) -> QueueLimit {
        let expected = "a duration such as 50ms, or octets such as 64kB or 15000B"
        if text.hasSuffix("B") {
            return .octets(Int(try scaled(by: [("kB", 1e3), ("MB", 1e6), ("B", 1)], most: 1e9, expected)))
        }
        return .duration(.nanoseconds(Int64(try scaled(by: Self.durations, most: 6e10, expected))))
    }

    /// `on` or `off`.
    func flag() throws(SettingError) -> Bool {
        switch text {
        case "on": return true
        case "off": return false
        default: throw failure("on or off")
        }
    }

    private static let durations = [("ms", 1e6), ("us", 1e3), ("ns", 1), ("s", 1e9)]

    private func scaled(by units: [(String, Double)], most: Double, _ expected: String) throws(SettingError) -> Double {
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number >= 0, number * factor <= most else { break }
            return number * factor
        }
        throw failure(expected)
    }

    private func failure(_ expected: String) -> SettingError { SettingError(key: key, value: text, expected: expected) }
}
