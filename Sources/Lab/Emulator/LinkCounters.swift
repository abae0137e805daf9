// SPDX-License-Identifier: Apache-2.0

/// What one direction of a link has carried and dropped. Octets are those of IP packets.
package struct LinkCounters: Hashable, Sendable {
    /// Those that went onto the line and were not lost on it.
    package var frames = 0
    package var octets = 0
    package var droppedByQueue = 0
    package var droppedByLoss = 0
    package var droppedByOutage = 0

    package init() {}

    mutating func count(_ cause: DropCause) {
        switch cause {
        case .queue: droppedByQueue += 1
        case .loss: droppedByLoss += 1
        case .outage: droppedByOutage += 1
        }
    }
}
