// SPDX-License-Identifier: Apache-2.0

/// What befalls access networks while they are used.
extension Laboratory {
    /// A family of addresses that an access network gives.
    package enum Family: String, CaseIterable, Sendable { case ipv6, ipv4 }

    /// Starts servers and clients, and waits until the first site has its addresses.
    func number(_ topology: Topology) async throws {
        for access in topology.accesses { try await dynamicAddressing(access, topology.variant).start() }
        let isNumbered = try await Patience.wait(.seconds(20), every: .milliseconds(100)) {
            for access in topology.accesses {
                guard try await dynamicAddressing(access, topology.variant).isNumbered() else { return false }
            }
            return true
        }
        guard isNumbered else { throw LabFailure("the gateway did not get its addresses within 20 s") }
    }

    /// The access network of the first site gives another IPv6 prefix, the old one deprecated, or another IPv4 lease.
    package func renumber(_ link: String, _ family: Family) async throws {
        let number = try LabVariant.number(link, key: "link")
        var state = try LabState.read(from: Self.state)
        guard state.variant.isDynamic else { throw LabFailure("addresses are static: 'plait lab up --dynamic'") }
        var generations = state.generations[number] ?? DynamicAddressing.Generations()
        switch family {
        case .ipv6: generations.ipv6 += 1
        case .ipv4: generations.ipv4 += 1
        }
        let access = AccessNetwork(number: number, site: 1, variant: state.variant)
        try await dynamicAddressing(access, state.variant).renumber(generations, leaseChanged: family == .ipv4)
        state.generations[number] = generations
        try state.write(to: Self.state)
    }

    /// The translator of an access network forgets its mappings, and takes another public address if one is given.
    package func rebind(_ link: String, address: String?) async throws {
        let number = try LabVariant.number(link, key: "link")
        let state = try LabState.read(from: Self.state)
        guard state.variant.translated.contains(number) else {
            throw LabFailure("\(link) does not translate addresses: 'plait lab up --nat \(link)'")
        }
        let router = Topology.accessNetworks[number - 1]
        try await AddressTranslation(router: router, outside: "core").rebind(to: address)
    }

    private func dynamicAddressing(_ access: AccessNetwork, _ variant: LabVariant) -> DynamicAddressing {
        DynamicAddressing(
            access: access,
            folder: Self.folder,
            givesDefaultRoute: access.number == 1 || !variant.hasOneDefaultRoute
        )
    }
}
