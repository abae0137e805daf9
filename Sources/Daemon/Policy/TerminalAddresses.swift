// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Mobility
package import Wire

/// Who has which addresses on the site's links at a moment.
package struct TerminalAddresses {
    /// What a host may have of its own making; more are those of one that makes them without end.
    private static let limit = 32

    private var addresses: [LinkLayerAddress: Set<IPAddress>] = [:]
    private var names: [String: Set<LinkLayerAddress>] = [:]

    package init(_ neighbors: [NeighborState], _ hosts: [DHCPServer.Host]) {
        for host in hosts {
            addresses[host.hardware, default: []].insert(.v4(host.address))
            if let name = host.name { names[name, default: []].insert(host.hardware) }
        }
        // Link-local ones go through no tunnel.
        for neighbor in neighbors where neighbor.address.isRoutableUnicast {
            addresses[neighbor.linkLayerAddress, default: []].insert(neighbor.address)
        }
    }

    /// A name that several claim is all of theirs.
    package func addresses(of terminals: Set<PolicyTerminal>) -> [PolicyTerminal: Set<IPAddress>] {
        var found: [PolicyTerminal: Set<IPAddress>] = [:]
        for terminal in terminals {
            let hardware: Set<LinkLayerAddress> =
                switch terminal {
                case .linkLayerAddress(let address): [address]
                case .name(let name): names[name] ?? []
                }
            let all = hardware.flatMap { addresses[$0] ?? [] }
            found[terminal] = Set(all.sorted { "\($0)" < "\($1)" }.prefix(Self.limit))
        }
        return found
    }
}
