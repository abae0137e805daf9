// SPDX-License-Identifier: Apache-2.0
import Wire

/// Replay protection by Mesg-ID (RFC 4285 §6): within seven seconds of our clock, and newer than all before.
struct MessageIdentifierWindow: Sendable {
    private static let closeEnough = Duration.seconds(7)
    private var newest: UInt64 = 0

    mutating func accepts(_ identifier: MessageIdentifier, at now: Timestamp) -> Bool {
        guard identifier.timestamp.distance(to: now) <= Self.closeEnough, identifier.value > newest
        else { return false }
        newest = identifier.value
        return true
    }

    /// Whether a replay of the newest would still pass the clock.
    func isNeeded(at now: Timestamp) -> Bool {
        MessageIdentifier(value: newest).timestamp.distance(to: now) <= Self.closeEnough + Self.closeEnough
    }
}
