// SPDX-License-Identifier: Apache-2.0
package import Wire

extension LinkMetrics {
    /// What the operator has configured comes first, then what the program says, then what was seen. `quotaLeft` is what
    /// the gateway has counted itself.
    package init(
        configured: WANConfiguration,
        reported: LineReport?,
        measuredDownlink: UInt64? = nil,
        quotaLeft: UInt64? = nil
    ) {
        let downlink = configured.downlinkRate.map { UInt64($0.bitsPerSecond) } ?? reported?.downlinkRate
        self.init(
            downlinkRate: downlink ?? measuredDownlink,
            uplinkRate: configured.uplinkRate.map { UInt64($0.bitsPerSecond) } ?? reported?.uplinkRate,
            // The downlink's is what the anchor goes by; the uplink's the gateway itself does, who never measures it.
            isMeasured: downlink == nil && measuredDownlink != nil,
            costClass: configured.cost ?? reported?.cost ?? 0,
            quotaLeft: quotaLeft ?? reported?.quotaLeft
        )
    }

    /// Whether the other end should hear of it: rates and quotas change all the time by a little.
    package func differs(from other: LinkMetrics) -> Bool {
        isMeasured != other.isMeasured || costClass != other.costClass
            || Self.differs(downlinkRate, other.downlinkRate, by: 20)
            || Self.differs(uplinkRate, other.uplinkRate, by: 20)
            || isExhausted != other.isExhausted || Self.differs(quotaLeft, other.quotaLeft, by: 100)
    }

    /// By the said part of the old one, or because one is not known.
    private static func differs(_ value: UInt64?, _ old: UInt64?, by part: UInt64) -> Bool {
        guard let value, let old else { return (value == nil) != (old == nil) }
        return (value > old ? value - old : old - value) > old / part
    }
}
