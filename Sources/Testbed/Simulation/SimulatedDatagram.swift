// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What became of a datagram.
package struct SimulatedDatagram: Sendable {
    package var sentAt: Instant
    /// Until it arrived; nil: it did not.
    package var delay: Duration?
    /// A later one had arrived before.
    package var isMisordered = false
}
