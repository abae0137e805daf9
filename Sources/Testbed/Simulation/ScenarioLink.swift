// SPDX-License-Identifier: Apache-2.0
import Wire

/// An access line of a scenario, the same in both directions.
package struct ScenarioLink: Sendable {
    package struct Change: Sendable {
        /// Since the flows began.
        package var at: Duration
        package var conditions: SimulatedLink.Conditions

        package init(at: Duration, conditions: SimulatedLink.Conditions) {
            self.at = at
            self.conditions = conditions
        }
    }

    package var conditions: SimulatedLink.Conditions
    /// In order of time.
    package var changes: [Change]

    package init(_ conditions: SimulatedLink.Conditions, changes: [Change] = []) {
        self.conditions = conditions
        self.changes = changes
    }

    /// Bits that the line can carry between the two moments.
    func bits(from start: Duration, to end: Duration) -> Double {
        var bits = 0.0
        var since = Duration.zero
        var present = conditions
        for change in changes + [Change(at: .seconds(1 << 30), conditions: conditions)] {
            let overlap = min(end, change.at) - max(start, since)
            if overlap > .zero, !present.isDown { bits += present.rate * Double(overlap.wholeNanoseconds) / 1e9 }
            (since, present) = (change.at, change.conditions)
        }
        return bits
    }
}
