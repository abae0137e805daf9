// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the anchor learns of access lines (RFC 5094, docs/flow-signalling.md).
extension MobilitySession {
    /// Between updates that only tell of the line: measurements waver.
    private static let metricsPause = Duration.seconds(10)

    /// What has changed enough is told at once, and soon if it was told of just now.
    mutating func tellOfMetrics(at now: Moment) -> [Action] {
        metricsDueAt = .never
        var actions: [Action] = []
        for index in links.indices where isMetricsUntold(index) {
            let due = links[index].metricsToldAt.map { $0 + Self.metricsPause } ?? now.instant
            if due <= now.instant {
                actions += refresh(index, inBulk: false, at: now)
            } else {
                metricsDueAt = min(metricsDueAt, due)
            }
        }
        return actions
    }

    private func isMetricsUntold(_ index: Int) -> Bool {
        let link = links[index]
        return link.granted != nil && link.isUsable && !link.isSilent && link.registration.attempt == nil
            && shared.metrics[index].differs(from: link.toldMetrics, rates: 10, quota: nil)
    }
}
