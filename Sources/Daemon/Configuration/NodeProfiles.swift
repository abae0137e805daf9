// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// What is decided for certain mobile nodes, each once, and their addresses, checked against everything else that has
/// any.
struct NodeProfiles {
    private struct Entry {
        var prefix: IPPrefix
        var isHomeAddress = false
        var owner: String
        var node: ConfigurationNode
    }

    private(set) var all: [MobileNodeProfile] = []
    private var known: Set<NodeIdentifier> = []
    private var entries: [Entry] = []

    mutating func add(_ profile: MobileNodeProfile, at node: ConfigurationNode) throws(ConfigurationError) {
        let owner = "\(profile.identifier)"
        guard known.insert(profile.identifier).inserted else {
            throw node.failure(
                "\"\(owner)\" has its settings at another gateway",
                hint: "here its identifier is enough"
            )
        }
        all.append(profile)
        for prefix in profile.homeNetworkPrefixes + profile.delegatedPrefixes {
            entries.append(Entry(prefix: prefix, owner: owner, node: node))
        }
        if let address = profile.homeAddress {
            entries.append(Entry(prefix: IPPrefix(host: .v4(address)), isHomeAddress: true, owner: owner, node: node))
        }
    }

    /// No address belongs to two nodes, or to a node and the anchor; IPv4 home addresses are hosts of their pool.
    func check(pools: PoolsConfiguration, anchor: AnchorAddresses) throws(ConfigurationError) {
        for entry in entries {
            for address in [anchor[.ipv6], anchor[.ipv4]].compactMap(\.self) where entry.prefix.contains(address) {
                throw entry.node.failure("\(entry.prefix) contains the anchor's own address \(address)")
            }
            try checkHomeAddress(entry, pools.ipv4HomeAddresses)
        }
        // Prefixes lie beside one another or in one another: sorted, each that lies in another stands right behind one.
        let sorted = entries.sorted { Self.precedes($0.prefix, $1.prefix) }
        for (one, next) in zip(sorted, sorted.dropFirst()) where one.prefix.overlaps(next.prefix) {
            throw next.node.failure("\(next.prefix) overlaps with \(one.prefix) of \(one.owner)")
        }
    }

    private func checkHomeAddress(_ entry: Entry, _ pool: PrefixPool?) throws(ConfigurationError) {
        guard entry.isHomeAddress, case .v4(let address) = entry.prefix.address else { return }
        guard let pool, pool.block.contains(entry.prefix) else {
            throw entry.node.failure(
                "\(address) is no address of lma.pools.ipv4-home-addresses",
                hint: pool.map { "one of \($0.block)" } ?? "give that pool"
            )
        }
        let pools = Mobility.PrefixPool(pool)
        guard !pools.nobodys.contains(address), pools.firstHost != address else {
            throw entry.node.failure("\(address) is the network's own, its broadcast address, or the default router's")
        }
    }

    private static func precedes(_ one: IPPrefix, _ other: IPPrefix) -> Bool {
        switch (one.address, other.address) {
        case (.v4(let left), .v4(let right)): (left.value, one.length) < (right.value, other.length)
        case (.v6(let left), .v6(let right)):
            (left.high, left.low, one.length) < (right.high, right.low, other.length)
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }
}
