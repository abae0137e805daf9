// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A session as the management interface shows it. Keys are not in it.
package struct SessionSnapshot: Equatable, Sendable {
    package var identifier: SessionIdentifier
    package var gateway: NodeIdentifier
    package var isMultipath: Bool
    package var homeNetworkPrefixes: [IPPrefix]
    package var delegatedPrefixes: [IPPrefix]
    package var homeAddress: HomeAddressAssignment?
    /// Both ends know path probes.
    package var hasPathProbes: Bool
    package var legs: [LegSnapshot]
}
