// SPDX-License-Identifier: Apache-2.0

/// What the control plane tells the forwarder. Installing what is installed updates it: sequence numbers, counters
/// and what probes proved stay, unless the keys or addresses they belong to changed.
package enum ForwardingCommand: Sendable {
    case installSession(SessionNumber, SessionParameters)
    /// The path's session has to be installed; otherwise nothing happens.
    case installPath(PathNumber, PathParameters)
    case removePath(PathNumber)
    /// Removes the session's paths too.
    case removeSession(SessionNumber)
}
