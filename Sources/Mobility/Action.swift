// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an engine wants done, in the order of the array.
package enum Action: Equatable, Sendable {
    case send(Datagram)
    case forward(SessionChange)
    case network(NetworkChange)
    /// Stands before all others of a turn: nothing is acknowledged that would not survive the process.
    case store(StoredChange)
    case report(Notice)
    /// A physical mobile node has this now, whatever it had before: after the session is in forwarding.
    case serve(MobileNodeService)
    /// The node has nothing here any more: before its session leaves forwarding. Another gateway may have said that it is
    /// there now.
    case stopServing(NodeIdentifier, isElsewhere: Bool)
    /// Looks up what addresses the name stands for now, and tells the engine.
    case resolve(anchor: String)
}
