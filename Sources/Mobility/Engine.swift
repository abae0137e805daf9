// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A pure protocol machine: events and moments in, actions out. Two of them exist: `LocalMobilityAnchor` and
/// `MobileAccessGateway`. Whoever runs one performs the actions in their order and comes back at the deadline.
package protocol Engine: Sendable {
    associatedtype Event: EngineEvent

    mutating func handle(_ event: Event, at now: Moment) -> [Action]
    /// When `.deadline` is due; nil if nothing waits.
    var nextDeadline: Instant? { get }
}

extension LocalMobilityAnchor: Engine {}
extension MobileAccessGateway: Engine {}
