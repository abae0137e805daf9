// SPDX-License-Identifier: Apache-2.0

/// What a figure has to be.
package struct ScenarioGoal: Sendable {
    package enum Bound: Sendable {
        case atLeast(Double)
        case atMost(Double)
        /// At least this share of what the same hosts have on the best of the lines alone.
        case shareOfBestLine(Double)
    }

    package var measure: ScenarioMeasure
    package var bound: Bound

    package init(_ measure: ScenarioMeasure, _ bound: Bound) {
        self.measure = measure
        self.bound = bound
    }

    /// A share of something is not met before somebody has found out what that is (`Scenario.goalsInNumbers`).
    package func isMet(by value: Double) -> Bool {
        switch bound {
        case .atLeast(let least): value >= least
        case .atMost(let most): value <= most
        case .shareOfBestLine: false
        }
    }
}
