// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator may choose about router advertisements; the names of RFC 4861 §6.2.1 in brackets.
package struct RouterAdvertiserSettings: Equatable, Sendable {
    /// Of the access interface; nil leaves the option out.
    package var linkLayerAddress: LinkLayerAddress?
    /// Recursive DNS servers (RFC 8106); none leaves the option out.
    package var recursiveServers: [IPv6Address] = []
    package var flags: RouterAdvertisement.Flags = []
    /// [MinRtrAdvInterval] Never below 3 s.
    package var shortestInterval: Duration = .seconds(200)
    /// [MIN_DELAY_BETWEEN_RAS]
    package var shortestDistance: Duration = .seconds(3)
    /// [MaxRtrAdvInterval]
    package var longestInterval: Duration = .seconds(600)
    /// [AdvDefaultLifetime]
    package var routerLifetime: Duration = .seconds(1800)
    /// [AdvValidLifetime] The RFC's month would outlive many a delegation.
    package var validLifetime: Duration = .seconds(7200)
    /// [AdvPreferredLifetime] As long as the router itself (RFC 9096 §3.4).
    package var preferredLifetime: Duration = .seconds(1800)
    /// RFC 8106 §5.1: three times the longest interval.
    package var recursiveServersLifetime: Duration = .seconds(1800)
    /// Of the random delays.
    package var seed: UInt64 = 1

    package init() {}
}
