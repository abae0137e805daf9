// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A mobile node on an access link of the gateway, as the access side knows it (RFC 5213 §6.9.1.1).
package struct MobileNodeAttachment: Equatable, Sendable {
    package var identifier: NodeIdentifier
    /// Of its interface there; nil: not known.
    package var linkLayerAddress: LinkLayerAddress?
    /// 1: a new one; 3: from another gateway, the same interface; 4: nobody can tell. Others count as 4.
    package var handoff: HandoffIndicator
    package var wantsIPv4: Bool
    package var wantsIPv6: Bool
    /// Of the access link.
    package var accessTechnology: AccessTechnology

    package init(
        identifier: NodeIdentifier,
        linkLayerAddress: LinkLayerAddress?,
        handoff: HandoffIndicator,
        wantsIPv4: Bool = true,
        wantsIPv6: Bool = true,
        accessTechnology: AccessTechnology = .ethernet
    ) {
        self.identifier = identifier
        self.linkLayerAddress = linkLayerAddress
        self.handoff = handoff
        self.wantsIPv4 = wantsIPv4
        self.wantsIPv6 = wantsIPv6
        self.accessTechnology = accessTechnology
    }
}
