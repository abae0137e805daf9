// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One path of a session.
package struct LegSnapshot: Equatable, Sendable {
    package var identifier: PathIdentifier
    /// The gateway's name of it; nil at an anchor.
    package var interface: String?
    package var careOfAddress: IPAddress?
    /// At an anchor: where the care-of address is seen behind an address translator; nil where nothing is translated.
    package var observedAddress: IPAddress?
    package var anchorAddress: IPAddress?
    package var encapsulation: TunnelEncapsulation?
    package var interfaceLabel: UInt8
    package var accessTechnology: AccessTechnology
    /// The registration's state in one word, e.g. "active", "registering", "refused".
    package var state: String
    /// Of a refusal.
    package var status: BindingStatus?
    /// As granted; nil while there is no binding.
    package var lifetime: BindingLifetime?
    package var expiresAt: Instant?
    /// The data plane's or the heartbeats' last word.
    package var condition: PathCondition
    /// Of the access line, as its gateway says.
    package var metrics = LinkMetrics()
}
