// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an engine wants changed in the machine's routing.
package enum NetworkChange: Hashable, Sendable {
    /// Packets to this prefix go into the tunnel device (anchor), or packets from it do (gateway).
    case addPrefix(IPPrefix)
    case removePrefix(IPPrefix)
}
