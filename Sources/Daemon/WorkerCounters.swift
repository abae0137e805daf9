// SPDX-License-Identifier: Apache-2.0

/// What the worker itself has lost or met; the forwarder counts the rest.
package struct WorkerCounters: Equatable, Sendable {
    /// Times that nothing was read because every slot was taken.
    package var arenaExhausted = 0
    /// Packets whose outer addresses or length the kernel did not tell, or for which no slot was free.
    package var unreceivable = 0
    /// Packets dropped because a socket's or link's queue was full.
    package var congested = 0
    /// Packets that the kernel refused to send.
    package var refused = 0
    /// Packets that the TUN device refused, and its end.
    package var tunErrors = 0

    package init() {}
}
