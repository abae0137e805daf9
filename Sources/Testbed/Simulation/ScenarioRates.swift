// SPDX-License-Identifier: Apache-2.0

/// What is configured of the lines' rates.
package enum ScenarioRates: Hashable, Sendable {
    case none
    /// Those that the lines have at the begin, times a factor.
    case scaled(Double)

    package static let exact = ScenarioRates.scaled(1)

    func configured(_ link: ScenarioLink) -> Int64? {
        switch self {
        case .none: nil
        case .scaled(let factor): Int64(link.conditions.rate * factor)
        }
    }
}
