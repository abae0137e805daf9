// SPDX-License-Identifier: Apache-2.0
import Wire

/// Bounds how many tags are tried a second on behalf of probes from unknown addresses: strangers shall not keep us
/// busy with them. True ones come again.
struct ProbeSearch: Sendable {
    static let tagsPerSecond: Int64 = 20_000
    private static let costOfOne = 1_000_000_000 / tagsPerSecond
    private static let most: Int64 = 1_000_000_000

    /// Nanoseconds of credit.
    private var credit = most
    private var filledAt: Instant?

    /// Whether one more may be tried.
    mutating func spend(at now: Instant) -> Bool {
        if let filledAt { credit = min(Self.most, credit + min(Self.most, max(0, (now - filledAt).wholeNanoseconds))) }
        filledAt = now
        guard credit >= Self.costOfOne else { return false }
        credit -= Self.costOfOne
        return true
    }
}
