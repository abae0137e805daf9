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
    /// Both ends', in the order in which they are matched.
    package var flowBindings: [FlowBindingSnapshot]

    package init(
        identifier: SessionIdentifier,
        gateway: NodeIdentifier,
        isMultipath: Bool = false,
        homeNetworkPrefixes: [IPPrefix] = [],
        delegatedPrefixes: [IPPrefix] = [],
        homeAddress: HomeAddressAssignment? = nil,
        hasPathProbes: Bool = false,
        legs: [LegSnapshot] = [],
        flowBindings: [FlowBindingSnapshot] = []
    ) {
        self.identifier = identifier
        self.gateway = gateway
        self.isMultipath = isMultipath
        self.homeNetworkPrefixes = homeNetworkPrefixes
        self.delegatedPrefixes = delegatedPrefixes
        self.homeAddress = homeAddress
        self.hasPathProbes = hasPathProbes
        self.legs = legs
        self.flowBindings = flowBindings
    }
}
