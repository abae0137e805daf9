// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One tunnel of a session.
package struct Path: Sendable {
    package let number: PathNumber
    package var parameters: PathParameters
    package var monitor: PathMonitor
    package var counters = PathCounters()

    /// Share of the session's traffic, relative to the other paths.
    package var weight = 1.0
    /// What rendezvous hashing knows the path by: the same after a re-registration.
    package var salt: UInt64
    /// Whether user packets may be sent.
    package var isUsable = false
    /// Octets over weight that the path was given more than the least used one.
    package var backlog = 0.0
    /// The highest sequence number that came over it.
    package var newestSequence: UInt32?
    /// Where the peer's authenticated UDP packets come from: a NAT on the way may change its mind (RFC 5844 §4.1).
    /// 0 for GRE.
    package var remotePort: UInt16

    package init(_ number: PathNumber, _ parameters: PathParameters, role: Role, at now: Instant) {
        self.number = number
        self.parameters = parameters
        monitor = PathMonitor(role: role, parameters: parameters, at: now)
        salt = UInt64(parameters.bindingIdentifier)
        remotePort = parameters.encapsulation == .gre ? 0 : MobilityPort.data
    }

    /// Whether these parameters mean the same tunnel, about which everything known stays true.
    package func isSameTunnel(_ other: PathParameters) -> Bool {
        parameters.local == other.local && parameters.remote == other.remote
            && parameters.encapsulation == other.encapsulation && parameters.probeKey == other.probeKey
            && parameters.bindingIdentifier == other.bindingIdentifier
    }

    package var snapshot: PathSnapshot {
        PathSnapshot(
            number: number,
            parameters: parameters,
            condition: monitor.condition,
            isUsable: isUsable,
            counters: counters,
            latestRoundTripTime: monitor.latestRoundTripTime,
            smoothedRoundTripTime: monitor.smoothedRoundTripTime,
            lastHeard: monitor.lastHeard
        )
    }
}
