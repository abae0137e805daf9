// SPDX-License-Identifier: Apache-2.0
import Wire

/// A proxy binding update that was sent: what its acknowledgement has to fit.
struct PendingUpdate: Sendable {
    /// How many were sent before it: tells the order, whatever becomes of clocks.
    var number: UInt64
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
    /// RFC 6463 §5.2: the answer may name another anchor.
    var isRedirectable = false
    /// What it names for routers behind the gateway.
    var relayed: [IPPrefix] = []
    /// The tunnel asked for; nil in a de-registration.
    var tunnel: TunnelEncapsulation?
    /// nil: nothing of flows.
    var flows: SiteFlows.Told?
    var metrics = LinkMetrics()
    /// It has option 36: only then the answer tells anything of the IPv4 home address.
    var namesHomeAddress = false
    /// RFC 5844 §3.2.3.3: it de-registers this address, and nothing else.
    var releasedHomeAddress: IPv4HomeAddressRequest?

    var isDeregistration: Bool { tunnel == nil }

    /// Asks for the same, the same way.
    func isLike(_ other: PendingUpdate) -> Bool {
        route == other.route && tunnel == other.tunnel && careOf == other.careOf && binding == other.binding
    }
}
