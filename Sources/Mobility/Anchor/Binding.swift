// SPDX-License-Identifier: Apache-2.0
import Wire

/// One path of a session at the anchor: a binding cache entry (RFC 5213 §5.1, RFC 8278 §4.1).
struct Binding: Sendable {
    enum State: Equatable, Sendable {
        case active(expiresAt: Instant)
        /// De-registered; kept for MinDelayBeforeBCEDelete, without traffic.
        case deletePending(deleteAt: Instant)
    }

    let path: PathIdentifier
    var state: State
    /// The gateway's own, which need not be unique: many private networks look alike.
    var careOf: IPAddress
    /// Where the gateway's end of the tunnel is seen from here; differs behind an address translator.
    var outerAddress: IPAddress
    var anchorAddress: IPAddress
    /// How messages of ours reach the gateway here: the latest update's addresses and ports, reversed.
    var route: SignallingRoute
    var lifetime: BindingLifetime
    var encapsulation: TunnelEncapsulation
    var interfaceLabel: UInt8
    var interfaceTechnology: AccessTechnology
    /// Of the newest update accepted: what the next one must exceed (RFC 5213 §5.5).
    var timestamp: Timestamp?
    var sequence: UInt16
    /// That update and its answer, for the network's duplicates.
    var request: Datagram
    var reply: Datagram
    /// What the data plane has of it.
    var installed: PathDescription?
    var condition: PathCondition
    var isUnreachable = false
    /// Of its access line, as the gateway says.
    var metrics = LinkMetrics()
    /// The number of the indication that asks the gateway to let go of it (RFC 5846 §8.1).
    var revocation: UInt16?

    var isActive: Bool {
        switch state {
        case .active: true
        case .deletePending: false
        }
    }

    var deadline: Instant {
        switch state {
        case .active(let expiresAt): expiresAt
        case .deletePending(let deleteAt): deleteAt
        }
    }

    var description: PathDescription {
        PathDescription(
            identifier: path,
            localAddress: anchorAddress,
            remoteAddress: outerAddress,
            encapsulation: encapsulation,
            interfaceLabel: interfaceLabel,
            accessTechnology: interfaceTechnology,
            metrics: metrics
        )
    }

    var isTranslated: Bool { outerAddress != careOf }
    var pair: SignallingPair { route.pair }
    var end: TunnelEnd { TunnelEnd(careOf: careOf, outerAddress: outerAddress, port: route.ports?.destination) }

    var stateName: String {
        switch state {
        case .active: revocation != nil ? "revoking" : isUnreachable ? "unreachable" : "active"
        case .deletePending: "delete-pending"
        }
    }
}
