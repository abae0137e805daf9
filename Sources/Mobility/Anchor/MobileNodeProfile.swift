// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator decides for one mobile node (RFC 5213 §6.2). What is left out is left to the gateway's own rights
/// and to the pools.
package struct MobileNodeProfile: Equatable, Sendable {
    package var identifier: NodeIdentifier
    /// Nobody else's, whether a pool contains them or not; the node's first session has them.
    package var homeNetworkPrefixes: [IPPrefix] = []
    /// Of both families, likewise (RFC 7148 §5.2.2).
    package var delegatedPrefixes: [IPPrefix] = []
    /// Likewise (RFC 5844 §3.1.2.2).
    package var homeAddress: IPv4Address?
    /// Off: answered by status 152.
    package var isProxyRegistrationAllowed = true
    /// Off: answered by status 180.
    package var isMultipathAllowed = true
    /// Off: a request for delegated prefixes is answered by status 177.
    package var isDelegationAllowed = true
    /// Off: a request for an IPv4 home address is answered by status 170.
    package var isIPv4Allowed = true
    /// Off: a request for a home network prefix is answered by status 172.
    package var isIPv6Allowed = true

    package init(_ identifier: NodeIdentifier) { self.identifier = identifier }

    /// All that is nobody else's.
    var prefixes: [IPPrefix] {
        homeNetworkPrefixes + delegatedPrefixes + (homeAddress.map { [IPPrefix(host: .v4($0))] } ?? [])
    }
}
