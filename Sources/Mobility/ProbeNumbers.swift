// SPDX-License-Identifier: Apache-2.0

/// What both ends of a session drew for its probe key: with either of them another, recorded probes are worth nothing,
/// and a gateway that starts anew is not measured by the send times of its earlier life.
package struct ProbeNumbers: Hashable, Sendable {
    package let gateway: UInt64
    package let anchor: UInt64

    /// Zero is no number: with an end of an older version, which knows of none, neither counts.
    package init(gateway: UInt64, anchor: UInt64) {
        let areBoth = gateway != 0 && anchor != 0
        self.gateway = areBoth ? gateway : 0
        self.anchor = areBoth ? anchor : 0
    }

    var areDrawn: Bool { gateway != 0 }
}
