// SPDX-License-Identifier: Apache-2.0

/// What an engine wants forwarded. The data plane translates it to its own commands.
package enum SessionChange: Equatable, Sendable {
    /// A new session, or new values of one that exists; its paths stay.
    case install(SessionDescription)
    /// A new path, or new values of one that exists.
    case installPath(PathDescription)
    case removePath(PathIdentifier)
    /// The session with all its paths.
    case remove(SessionIdentifier)
}
