// SPDX-License-Identifier: Apache-2.0
import Wire

extension GatewayConfiguration {
    /// The WANs, as the machine's side of the gateway sees them.
    var accessNetworks: [AccessNetwork] {
        wans.map {
            AccessNetwork(
                $0.name,
                number: $0.bindingIdentifier,
                selection: $0.selection,
                family: $0.family,
                anchors: anchorAddresses(of: $0.family)
            )
        }
    }

    private func anchorAddresses(of family: AddressFamily) -> [IPAddress] {
        anchors.flatMap(\.addresses).filter { AddressFamily(of: $0) == family }
    }

    var policyOwner: PolicyOwner { .gateway(labels: Set(wans.map(\.label))) }

    /// Links that no pattern and no address makes an access network's.
    var otherLinks: Set<String> { Set([tunnelDevice] + lans.map(\.interface) + accessLinks.map(\.interface)) }
}
