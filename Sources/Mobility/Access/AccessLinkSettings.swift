// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an operator decides for an access link.
package struct AccessLinkSettings: Equatable, Sendable {
    /// Who is who on the link.
    package var nodes: [LinkLayerAddress: AccessNodeProfile] = [:]
    /// nil: who has no profile gets nothing.
    package var strangers: StrangerProfile?
    /// Of the gateway's side of the link.
    package var linkLayerAddress: LinkLayerAddress
    package var accessTechnology = AccessTechnology.ethernet
    package var advertisements = RouterAdvertiserSettings()
    package var assignments = DHCPServerSettings()
    /// nil: the gateway is the server, whatever the anchor says.
    package var relay: DHCPRelaySettings?
    /// Who was not heard for so long is asked whether it is there.
    package var quietTime: Duration = .seconds(30)
    /// Of the random delays.
    package var seed: UInt64 = 1

    package init(linkLayerAddress: LinkLayerAddress) { self.linkLayerAddress = linkLayerAddress }

    func profile(of link: LinkLayerAddress) -> AccessNodeProfile? {
        nodes[link] ?? strangers.map { $0.profile(of: link) }
    }
}
