// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// One gateway of a virtual domain with its access networks.
package struct DomainGateway: Sendable {
    package var settings: GatewaySettings
    package var engine: MobileAccessGateway
    package var network: VirtualNetwork
    package var ledger = Ledger()
    /// How far its clock is ahead of the anchor's.
    package var clockAhead: Duration = .zero
    /// What its links have, by the WAN's name; a message to or from any other address goes nowhere.
    package var addresses: [String: IPAddress] = [:]
    /// Of the last virtual second.
    var pace = Pace()

    init(_ settings: GatewaySettings, network: VirtualNetwork, seed: UInt64) {
        self.settings = settings
        self.network = network
        engine = MobileAccessGateway(settings, seed: seed)
    }

    func has(_ address: IPAddress) -> Bool { addresses.values.contains(address) }

    /// Without state, but never again with a counter that it had.
    mutating func beginsAnew(serving node: NodeIdentifier, seed: UInt64) {
        settings.mobileNode = node
        settings.restartCounter += 1
        engine = MobileAccessGateway(settings, seed: seed)
        ledger = Ledger()
    }
}
