// SPDX-License-Identifier: Apache-2.0

/// What a flow rule has matched since it was installed. A rule that is installed again as it was keeps its counters.
package struct RuleCounters: Equatable, Sendable {
    /// Octets are those of inner packets; copies are not counted.
    package struct Traffic: Equatable, Sendable {
        package var packets: UInt64 = 0
        package var octets: UInt64 = 0
        package var drops: UInt64 = 0

        package init() {}

        mutating func count(octets count: Int) {
            packets &+= 1
            octets &+= UInt64(clamping: count)
        }
    }

    /// FID.
    package var rule: UInt16
    /// Into tunnels; what was dropped instead is in `drops` only.
    package var sent = Traffic()
    /// Out of tunnels.
    package var received = Traffic()

    package init(rule: UInt16) { self.rule = rule }
}
