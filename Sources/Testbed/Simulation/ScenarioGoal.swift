// SPDX-License-Identifier: Apache-2.0

/// What a figure has to be.
package struct ScenarioGoal: Sendable {
    package enum Bound: Sendable {
        case atLeast(Double)
        case atMost(Double)
    }

    package var measure: ScenarioMeasure
    package var bound: Bound

    package init(_ measure: ScenarioMeasure, _ bound: Bound) {
        self.measure = measure
        self.bound = bound
    }

    package func isMet(by value: Double) -> Bool {
        switch bound {
        case .atLeast(let least): value >= least
        case .atMost(let most): value <= most
        }
    }
}
