// SPDX-License-Identifier: Apache-2.0

/// Why a path counts as silent.
package enum SilenceReason: Hashable, Sendable {
    /// Neither a probe nor a user packet came for so long.
    case nothingHeard(for: Duration)
    /// The peer's probes say that it hears nothing of us.
    case peerHearsNothing
    /// Since the path was installed no exchange of probes has proven it.
    case neverProven
    /// The system refused to send.
    case sendingFailed
}
