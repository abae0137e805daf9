// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an engine wants done, in the order of the array.
package enum Action: Equatable, Sendable {
    case send(Datagram)
    case forward(SessionChange)
    case network(NetworkChange)
    case report(Notice)
}

/// What the data plane says of a path.
package enum PathCondition: Equatable, Sendable {
    /// No probe has been answered yet.
    case unproven
    case alive
    /// The link is up, but nothing comes through.
    case silent
}

/// A pure protocol machine: events and moments in, actions out. Two of them exist: `LocalMobilityAnchor` and
/// `MobileAccessGateway`. Whoever runs one performs the actions in their order and comes back at the deadline.
package protocol Engine: Sendable {
    associatedtype Event: EngineEvent

    mutating func handle(_ event: Event, at now: Moment) -> [Action]
    /// When `.deadline` is due; nil if nothing waits.
    var nextDeadline: Instant? { get }
}

/// The events that every engine knows.
package protocol EngineEvent {
    static func received(_ datagram: Datagram) -> Self
    static var deadline: Self { get }
    static func pathCondition(_ path: PathIdentifier, _ condition: PathCondition) -> Self
}

extension LocalMobilityAnchor: Engine {}
extension LocalMobilityAnchor.Event: EngineEvent {}
extension MobileAccessGateway: Engine {}
extension MobileAccessGateway.Event: EngineEvent {}
