// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One path of a session as it outlives the process.
package struct LegRecord: Hashable, Sendable {
    package var binding: BindingIdentifier?
    /// Else it is de-registered and waits for its end.
    package var isActive: Bool
    /// By the clock on the wall: when the lifetime or the time of grace ends.
    package var endsAt: Timestamp
    package var careOf: IPAddress
    package var outerAddress: IPAddress
    package var anchorAddress: IPAddress
    package var route: SignallingRoute
    package var lifetime: BindingLifetime
    package var encapsulation: TunnelEncapsulation
    package var interfaceLabel: UInt8
    package var interfaceTechnology: AccessTechnology
    /// Of the newest update accepted (RFC 5213 §5.5).
    package var timestamp: Timestamp?
    package var sequence: UInt16
    /// Of its access line, as the gateway says.
    package var metrics = LinkMetrics()
}
