// SPDX-License-Identifier: Apache-2.0
import Wire

/// A proxy binding update that was sent: what its acknowledgement has to fit.
struct PendingUpdate: Sendable {
    var sequence: UInt16
    var timestamp: Timestamp
    var sentAt: Instant
    /// The care-of address that it is about.
    var careOf: IPAddress
    var route: SignallingRoute
    var handoff: HandoffIndicator
    /// nil: sent without the options of RFC 8278.
    var binding: BindingIdentifier?
    var isOverwrite: Bool
    var isBulk: Bool
    var wantsTLV: Bool
    var isDeregistration: Bool
}
