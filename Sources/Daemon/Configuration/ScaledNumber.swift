// SPDX-License-Identifier: Apache-2.0

/// A whole number with a unit behind it, such as `20mbit`.
enum ScaledNumber: Equatable {
    case value(Int64)
    case tooLarge

    /// In decimal multiples of a bit per second.
    static let bitRates: [String: Int64] = ["kbit": 1000, "mbit": 1_000_000, "gbit": 1_000_000_000]

    /// In decimal multiples of an octet, as providers count.
    static let octets: [String: Int64] = [
        "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
    ]

    /// nil if the text is not of this kind. `units` are multiples of the smallest.
    init?(_ text: some StringProtocol, units: [String: Int64]) {
        let digits = text.prefix { "0"..."9" ~= $0 }
        guard !digits.isEmpty, let unit = units[String(text.dropFirst(digits.count))] else { return nil }
        guard let number = Int64(digits) else {
            self = .tooLarge
            return
        }
        let (value, overflow) = number.multipliedReportingOverflow(by: unit)
        self = overflow ? .tooLarge : .value(value)
    }
}
