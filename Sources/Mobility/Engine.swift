// SPDX-License-Identifier: Apache-2.0

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
