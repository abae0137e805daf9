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
}
