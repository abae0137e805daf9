// SPDX-License-Identifier: Apache-2.0

/// What an anchor gives a mobile node to be reached at (RFC 5844 §3.1).
package enum AddressService: String, CaseIterable, Hashable, Sendable {
    case ipv4HomeAddress, homeNetworkPrefixes
}
