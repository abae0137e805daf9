// SPDX-License-Identifier: Apache-2.0

/// Why the emulator dropped a frame.
package enum DropCause: Sendable {
    /// The queue before the line was full.
    case queue
    /// Random loss on the line.
    case loss
    /// The direction is switched off.
    case outage
}
