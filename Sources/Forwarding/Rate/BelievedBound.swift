// SPDX-License-Identifier: Apache-2.0

/// A rate that somebody says a path carries: no more is tried, until the path is full and empty of any queue for a while,
/// which shows that it carries more. Nothing is believed of it then.
struct BelievedBound: Equatable, Sendable {
    private static let patience = 0.4
    private static let tolerance = 1.01

    private var rate: Double?
    private var emptySince: Double?

    init(_ rate: Double?) { self.rate = rate }

    var limit: Double { rate.map { $0 * Self.tolerance } ?? .infinity }

    /// A queue stands at the rate.
    mutating func held() { emptySince = nil }

    mutating func lift(isEmpty: Bool, _ estimate: Double, at now: Double) {
        guard let rate, isEmpty, estimate >= rate else { return emptySince = nil }
        guard let since = emptySince else { return emptySince = now }
        if now - since >= Self.patience { self.rate = nil }
    }
}
