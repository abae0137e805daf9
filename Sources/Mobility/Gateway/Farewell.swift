// SPDX-License-Identifier: Apache-2.0
import Wire

/// What is taken back while the session goes on: a path that is dead itself, told to the anchor over another; or the IPv4
/// home address, over any.
struct Farewell: Sendable {
    /// It matters, but the anchor's own timer would see to it as well.
    static let attemptsAllowed = 3

    /// The dead path's link, and the care-of address that it had; for an address those that it is told over.
    var link: Int
    var careOf: IPAddress
    var binding: BindingIdentifier?
    var request: PendingUpdate
    /// Then its answer is not waited for any longer.
    var until: Instant
    var attempt: Int

    var isOfHomeAddress: Bool { request.releasedHomeAddress != nil }
}
