// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A pure protocol machine: events and moments in, actions out. Two of them exist: `LocalMobilityAnchor` and
/// `MobileAccessGateway`. Whoever runs one performs the actions in their order and comes back at the deadline.
package protocol Engine: Sendable {
    associatedtype Event: EngineEvent

    mutating func handle(_ event: Event, at now: Moment) -> [Action]
    /// When `.deadline` is due; nil if nothing waits.
    var nextDeadline: Instant? { get }
    /// Whether it comes from where a registration is: to be handled before those of strangers. Proves nothing.
    func knows(_ datagram: Datagram) -> Bool
    /// In place of handling one for which there was no time.
    mutating func overlook(_ datagram: Datagram, at now: Moment) -> [Action]
}

extension LocalMobilityAnchor: Engine {
    package func knows(_ datagram: Datagram) -> Bool {
        heartbeats[SignallingRoute(answering: datagram).pair] != nil
    }

    package mutating func overlook(_ datagram: Datagram, at now: Moment) -> [Action] {
        drop(datagram, .overcrowded, at: now)
    }
}

extension MobileAccessGateway: Engine {
    package func knows(_ datagram: Datagram) -> Bool { shared.anchor.addresses.contains(datagram.source) }

    package mutating func overlook(_ datagram: Datagram, at now: Moment) -> [Action] {
        drop(datagram, .overcrowded, at: now)
    }
}
