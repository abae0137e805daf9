// SPDX-License-Identifier: Apache-2.0
import Wire

/// What the anchor learns of access lines (RFC 5094, docs/flow-signalling.md).
extension MobilitySession {
    /// Between updates that only tell of the line: measurements waver.
    private static let metricsPause = Duration.seconds(10)

    /// What has changed enough is told at once, and soon if it was told of just now.
    mutating func tellOfMetrics(at now: Moment) -> [Action] {
        guard phase == .running else { return [] }
        var actions: [Action] = []
        for index in links.indices where isMetricsUntold(index) {
            guard links[index].metricsToldAt.map({ $0 + Self.metricsPause <= now.instant }) ?? true else { continue }
            actions += refresh(index, inBulk: false, at: now)
        }
        return actions
    }

    private func isMetricsUntold(_ index: Int) -> Bool {
        let link = links[index]
        return link.granted != nil && link.isUsable && !link.isSilent && link.registration.attempt == nil
            && shared.metrics[index].differsMaterially(from: link.toldMetrics)
    }

    /// When a change that was held back is told.
    var metricsDeadline: Instant {
        links.indices.filter(isMetricsUntold).compactMap { links[$0].metricsToldAt.map { $0 + Self.metricsPause } }
            .min() ?? .never
    }
}
