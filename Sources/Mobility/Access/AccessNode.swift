// SPDX-License-Identifier: Apache-2.0
import Wire

/// A mobile node on an access link.
struct AccessNode: Sendable {
    /// That its prefixes are gone, and when to say so.
    struct Farewell: Sendable {
        var at: Instant
        var actions: [AccessLinkNodes.Action]
    }

    let link: LinkLayerAddress
    let profile: AccessNodeProfile
    /// As its messages show it.
    var linkLocal: IPv6Address?
    /// nil: it is not registered.
    var service: MobileNodeService?
    var advertiser: RouterAdvertiser?
    var farewell: Farewell?
    /// The DISCOVER or REQUEST that came before there was an address to give.
    var waiting: DHCPMessage?
    /// When the engine was told last that it wants an address.
    var wantedAt: Instant?
    /// What of its DHCP messages was passed on last: only that is answered.
    var relayed: DHCPMessage?
    /// It was registered and is no more: a sign that it comes anew asks again.
    var isDismissed = false
    /// When the engine was told of it last.
    var attachedAt: Instant
    /// When it is asked whether it is there.
    var probeAt: Instant
    var unansweredProbes = 0

    var identifier: NodeIdentifier { profile.identifier }

    /// What most hosts take, while nothing else is known.
    var likelyLinkLocal: IPv6Address { linkLocal ?? IPv6Address(linkLocalOf: link) }

    var homeAddress: HomeAddressAssignment? { service?.homeAddress }

    /// The gateway's own address towards the node.
    var routerAddress: IPv6Address { service?.linkLocalAddress ?? AccessLinkNodes.fixedLinkLocalAddress }

    var deadline: Instant { min(probeAt, advertiser?.nextDeadline ?? .never, farewell?.at ?? .never) }

    func attachment(_ handoff: HandoffIndicator, over technology: AccessTechnology) -> MobileNodeAttachment {
        MobileNodeAttachment(
            identifier: identifier,
            linkLayerAddress: link,
            handoff: handoff,
            wantsIPv4: profile.wantsIPv4,
            wantsIPv6: profile.wantsIPv6,
            accessTechnology: technology
        )
    }
}
