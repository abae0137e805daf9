// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator may choose about delegation of prefixes on one of the gateway's LANs.
package struct PrefixDelegationSettings: Equatable, Sendable {
    /// Of a client's prefix, in bits; a client may ask for a longer one. At most 64.
    package var length: UInt8 = 60
    /// How long a client may use its prefix without asking again: whole seconds, at least four.
    package var leaseTime: Duration = .seconds(3600)
    /// DNS servers that clients are told if they ask.
    package var domainNameServers: [IPv6Address] = []

    package init() {}

    /// Seconds.
    var validLifetime: UInt32 { UInt32(clamping: leaseTime.components.seconds) }
    /// As with advertised prefixes: what is new avoids a prefix that nobody has confirmed for a while (RFC 9096 §3.4).
    var preferredLifetime: UInt32 { validLifetime / 2 }
    /// T1, T2: recommended are 0.5 and 0.8 of the preferred lifetime (RFC 8415 §21.21).
    var renewal: UInt32 { preferredLifetime / 2 }
    var rebinding: UInt32 { preferredLifetime / 5 * 4 }
}
