// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an engine wants changed in the machine's routing.
package enum NetworkChange: Hashable, Sendable {
    /// Packets to this prefix go into the tunnel device (anchor), or packets from it do (gateway).
    case addPrefix(IPPrefix)
    case removePrefix(IPPrefix)
    /// The mobile node's IPv4 home address (RFC 5844 §3.1.1): routed into the tunnel device at the anchor, held by the
    /// device at the gateway.
    case addHomeAddress(IPv4Address)
    case removeHomeAddress(IPv4Address)
    /// At a gateway: the site's packets leave by access networks, with their addresses, until the end of it.
    case beginBreakOut
    case endBreakOut
}

extension NetworkChange {
    /// What takes it back.
    var undone: NetworkChange {
        switch self {
        case .addPrefix(let prefix): .removePrefix(prefix)
        case .removePrefix(let prefix): .addPrefix(prefix)
        case .addHomeAddress(let address): .removeHomeAddress(address)
        case .removeHomeAddress(let address): .addHomeAddress(address)
        case .beginBreakOut: .endBreakOut
        case .endBreakOut: .beginBreakOut
        }
    }

    /// From one session's additions to another's: first what goes, then what comes.
    static func changes(from old: [NetworkChange], to new: [NetworkChange]) -> [NetworkChange] {
        old.filter { !new.contains($0) }.map(\.undone) + new.filter { !old.contains($0) }
    }
}
