// SPDX-License-Identifier: Apache-2.0

/// How much may pass an access network between two days of reset.
package struct QuotaConfiguration: Equatable, Sendable {
    /// Both directions together; positive.
    package let octets: UInt64
    /// Of the month, 1 to 31; the last day of months that have no such day.
    package let resetDay: Int
    /// What had passed already when counting began.
    package let used: UInt64

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["octets", "reset-day", "used"])
        octets = try section.required("octets").octets(atLeast: 1)
        resetDay = try section.optional("reset-day")?.integer(in: 1...31) ?? 1
        used = try section.optional("used")?.octets(atLeast: 0) ?? 0
    }
}
