// SPDX-License-Identifier: Apache-2.0
import Wire

/// A proxy binding update as the anchor reads it: what the options say, without judging it.
struct ProxyBindingUpdate: Sendable {
    enum Multipath: Sendable {
        /// No option 63, or an anchor that does not look at it.
        case absent
        /// Option 63 cannot be used as it stands (RFC 8278 §4.1).
        case unusable
        case requested(MAGMultipathBinding, BindingIdentifier)
    }

    let datagram: Datagram
    let update: BindingUpdate
    let options: MobilityOptions
    /// The proxy care-of address: an alternate one if there is an option, else where the packet came from
    /// (RFC 5213 §5.3.1, RFC 6463 §4.4).
    let careOf: IPAddress
    let mobileNode: NodeIdentifier?
    let gateway: NodeIdentifier?
    let timestamp: Timestamp?
    let multipath: Multipath
    /// Those that are named; empty if the anchor shall choose.
    let homeNetworkPrefixes: [IPPrefix]

    /// Options whose bad form has an answer of its own; any other makes the message unusable.
    private static let answeredWhenMalformed: Set<UInt8> = [
        MobileNodeIdentifier.type, HomeNetworkPrefix.type, HandoffIndicator.type, AccessTechnologyType.type,
        GREKey.type, MAGMultipathBinding.type, MAGIdentifier.type, MessageAuthentication.type,
        FlowIdentification.type,
    ]

    init(_ update: BindingUpdate, in datagram: Datagram, readsMultipath: Bool) {
        self.datagram = datagram
        self.update = update
        options = update.options
        careOf = options.alternateCareOf ?? datagram.source
        let named = options.first(MobileNodeIdentifier.self)?.identifier
        mobileNode = named?.octets.isEmpty == false ? named : nil
        gateway = options.first(MAGIdentifier.self)?.identifier
        timestamp = options.first(TimestampOption.self)?.timestamp
        homeNetworkPrefixes = options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
        multipath = readsMultipath ? Self.multipath(in: options) : .absent
    }

    private static func multipath(in options: MobilityOptions) -> Multipath {
        if options.malformed.contains(where: { $0.optionType == MAGMultipathBinding.type }) { return .unusable }
        guard let option = options.first(MAGMultipathBinding.self) else { return .absent }
        // RFC 8278 §4.1, §4.4: never B with O, no reserved identifier, no MMB without MAG Identifier.
        guard let identifier = BindingIdentifier(rawValue: option.bindingIdentifier),
            !(option.isBulkReregistration && option.isOverwrite), options.first(MAGIdentifier.self) != nil
        else { return .unusable }
        return .requested(option, identifier)
    }

    var hasUnusableOption: Bool {
        options.malformed.contains { !Self.answeredWhenMalformed.contains($0.optionType) }
    }

    /// An address translator stands between: the gateway's own address, which over UDP it always names, is not the one
    /// that its packets come from. A leave may well be told over another path.
    var isTranslated: Bool {
        datagram.ports != nil && careOf.isIPv4 == datagram.source.isIPv4 && careOf != datagram.source
            && !isDeregistration
    }

    /// Where the gateway's end of the tunnel is seen.
    var outerAddress: IPAddress { isTranslated ? datagram.source : careOf }

    var end: TunnelEnd {
        TunnelEnd(careOf: careOf, outerAddress: outerAddress, port: datagram.ports?.source)
    }

    /// UDP tunnels are for who can speak UDP: over IPv6 that is who knows our extension.
    var canHaveUDP: Bool { datagram.ports != nil && careOf.isIPv4 == datagram.source.isIPv4 }

    /// RFC 5844 §3.1.2.1: an update may be about either or both.
    var hasHomeNetworkPrefix: Bool { options.first(HomeNetworkPrefix.self) != nil }
    var homeAddress: IPv4HomeAddressRequest? { options.first(IPv4HomeAddressRequest.self) }

    /// A prefix or an address that there may be a session for.
    var namesHome: Bool { !homeNetworkPrefixes.isEmpty || !hasHomeNetworkPrefix && homeAddress?.isAllocation == false }

    var isDeregistration: Bool { update.lifetime.isZero }
    var handoff: HandoffIndicator? { options.first(HandoffIndicator.self) }
    var technology: AccessTechnology? { options.first(AccessTechnologyType.self)?.technology }
    var linkLayerIdentifier: [UInt8]? { options.first(MobileNodeLinkLayerIdentifier.self)?.identifier }

    /// nil: the one binding of a node without multipath.
    var binding: BindingIdentifier? {
        switch multipath {
        case .requested(_, let identifier): identifier
        case .absent, .unusable: nil
        }
    }

    var multipathBinding: MAGMultipathBinding? {
        switch multipath {
        case .requested(let option, _): option
        case .absent, .unusable: nil
        }
    }

    /// O, which means nothing in a de-registration.
    var isOverwrite: Bool { multipathBinding?.isOverwrite == true && !isDeregistration }
    /// B, likewise.
    var isBulk: Bool { multipathBinding?.isBulkReregistration == true && !isDeregistration }
}

extension MobilityOptions {
    /// The care-of address that a message names, where it is not the one that it comes from (RFC 5213 §5.3.1,
    /// RFC 6463 §4.4).
    var alternateCareOf: IPAddress? {
        first(AlternateCareOfAddress.self).map { .v6($0.address) }
            ?? first(AlternateIPv4CareOfAddress.self).map { .v4($0.address) }
    }

    /// Names the own care-of address: an address translator may put another one into the IP header.
    mutating func append(careOf: IPAddress) {
        switch careOf {
        case .v6(let address): append(AlternateCareOfAddress(address))
        case .v4(let address): append(AlternateIPv4CareOfAddress(address))
        }
    }
}
