// SPDX-License-Identifier: Apache-2.0
import Wire

extension LinkMetrics {
    /// Of rates, in hundredths.
    private static let materialShare: UInt64 = 10

    /// Another treatment may follow from it: what only trickles by waits for the next refresh.
    func differsMaterially(from other: LinkMetrics) -> Bool {
        isExhausted != other.isExhausted || costClass != other.costClass || isMeasured != other.isMeasured
            || (quotaLeft == nil) != (other.quotaLeft == nil)
            || Self.differ(downlinkRate, other.downlinkRate) || Self.differ(uplinkRate, other.uplinkRate)
    }

    private static func differ(_ a: UInt64?, _ b: UInt64?) -> Bool {
        guard let a, let b else { return a != b }
        return max(a, b) - min(a, b) > max(a, b) / (100 / materialShare)
    }
}
