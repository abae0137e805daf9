// SPDX-License-Identifier: Apache-2.0
import Wire

/// Whose a mobility session is, and what is asked for it.
struct ServedNode: Equatable, Sendable {
    let identifier: NodeIdentifier
    /// nil: the logical mobile node, attached by nothing that could change.
    var attachment: MobileNodeAttachment?
    var requestsHomeNetworkPrefix: Bool
    var requestsIPv4HomeAddress: Bool
    var requestsDelegatedIPv6: Bool
    var requestsDelegatedIPv4: Bool

    init(logical identifier: NodeIdentifier, _ settings: GatewaySettings) {
        self.identifier = identifier
        requestsHomeNetworkPrefix = settings.requestsHomeNetworkPrefix
        requestsIPv4HomeAddress = settings.requestsIPv4HomeAddress
        requestsDelegatedIPv6 = settings.requestsDelegatedIPv6
        requestsDelegatedIPv4 = settings.requestsDelegatedIPv4
    }

    init(_ attachment: MobileNodeAttachment) {
        identifier = attachment.identifier
        self.attachment = attachment
        requestsHomeNetworkPrefix = attachment.wantsIPv6
        requestsIPv4HomeAddress = attachment.wantsIPv4
        requestsDelegatedIPv6 = false
        requestsDelegatedIPv4 = false
    }

    var isLogical: Bool { attachment == nil }
    /// Of the access link.
    var accessTechnology: AccessTechnology { attachment?.accessTechnology ?? .virtual }

    /// RFC 5213 §6.9.1.1 (7): must be there if it is known, and must not be zero.
    var linkLayerIdentifier: MobileNodeLinkLayerIdentifier? {
        guard let address = attachment?.linkLayerAddress, address.value != 0 else { return nil }
        return MobileNodeLinkLayerIdentifier(address.octets)
    }

    /// The same interface, which wants the same.
    func isLike(_ other: MobileNodeAttachment) -> Bool {
        guard var own = attachment else { return false }
        own.handoff = other.handoff
        return own == other
    }
}
