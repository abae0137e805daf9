// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A proxy binding update made by hand: a good one from the example gateway, to be spoilt.
package struct HandmadeUpdate: Sendable {
    package var source = ExampleDomain.lte
    package var destination = ExampleDomain.anchorIPv6
    /// nil: as the address family has it.
    package var ports: Datagram.Ports?
    /// What the authenticator covers, where it is not the source.
    package var careOf: IPAddress?
    package var flags: BindingUpdate.Flags = [.acknowledge, .proxyRegistration]
    package var sequence: UInt16 = 1
    package var lifetime = BindingLifetime(.seconds(3600))
    package var mobileNode: NodeIdentifier? = ExampleDomain.mobileNode
    package var prefixes: [HomeNetworkPrefix] = [.request]
    package var handoff: HandoffIndicator? = .attachmentOverNewInterface
    package var technology: AccessTechnologyType? = AccessTechnologyType(.virtual)
    /// nil: that of the anchor's clock when sent.
    package var timestamp: Timestamp?
    package var hasTimestamp = true
    package var greKey: GREKey? = GREKey(0x0A0B_0C0D)
    package var multipath: MAGMultipathBinding? = MAGMultipathBinding(
        accessTechnology: .eutran,
        interfaceLabel: 11,
        bindingIdentifier: 1
    )
    package var gateway: NodeIdentifier? = ExampleDomain.gatewayName
    package var further: [any MobilityOption] = []
    package var authentication: PeerAuthentication = .sharedKey(ExampleDomain.association)

    package init() {}

    package func datagram(at now: Timestamp) -> Datagram {
        var options = MobilityOptions()
        if let mobileNode { options.append(MobileNodeIdentifier(mobileNode)) }
        for prefix in prefixes { options.append(prefix) }
        if let handoff { options.append(handoff) }
        if let technology { options.append(technology) }
        if hasTimestamp { options.append(TimestampOption(timestamp ?? now)) }
        if let greKey { options.append(greKey) }
        if let multipath { options.append(multipath) }
        if let gateway { options.append(MAGIdentifier(gateway)) }
        for option in further { options.append(option) }
        let update = BindingUpdate(sequence: sequence, flags: flags, lifetime: lifetime, options: options)
        return seal(.bindingUpdate(update))
    }

    package func seal(_ message: MobilityMessage) -> Datagram {
        guard var route = SignallingRoute(from: source, to: destination) else {
            return Datagram(source: source, destination: destination, ports: nil, octets: [])
        }
        route.ports = ports ?? route.ports
        return Authentication.seal(message, on: route, careOf: careOf ?? source, by: authentication)
    }
}
