// SPDX-License-Identifier: Apache-2.0

/// The options that we can read. One line an option.
package enum OptionRegistry {
    package static let known: [any MobilityOption.Type] = [
        BindingRefreshAdvice.self,
        AlternateCareOfAddress.self,
        NonceIndices.self,
        BindingAuthorizationData.self,
        MobileNetworkPrefix.self,
        MobilityHeaderLinkLayerAddress.self,
        MobileNodeIdentifier.self,
        MessageAuthentication.self,
        MessageIdentifier.self,
        VendorSpecific.self,
        ServiceSelection.self,
        HomeNetworkPrefix.self,
        HandoffIndicator.self,
        AccessTechnologyType.self,
        MobileNodeLinkLayerIdentifier.self,
        LinkLocalAddress.self,
        TimestampOption.self,
        RestartCounter.self,
        IPv4HomeAddress.self,
        IPv4AddressAcknowledgement.self,
        NATDetection.self,
        IPv4CareOfAddress.self,
        GREKey.self,
        BindingIdentifierOption.self,
        IPv4HomeAddressRequest.self,
        IPv4HomeAddressReply.self,
        IPv4DefaultRouterAddress.self,
        IPv4DHCPSupportMode.self,
        TransientBinding.self,
        FlowSummary.self,
        FlowIdentification.self,
        RedirectCapability.self,
        Redirect.self,
        LoadInformation.self,
        AlternateIPv4CareOfAddress.self,
        MobileNodeGroupIdentifier.self,
        MAGIPv6Address.self,
        AccessNetworkIdentifier.self,
        IPv4TrafficOffloadSelector.self,
        DelegatedMobileNetworkPrefix.self,
        QualityOfServiceOption.self,
        LMAUserPlaneAddress.self,
        LMAControlledMAGParameters.self,
        MAGMultipathBinding.self,
        MAGIdentifier.self,
    ]

    private static let byType: [(any MobilityOption.Type)?] = known.reversed().reduce(
        into: Array(repeating: nil, count: 256)
    ) { $0[Int($1.type)] = $1 }

    /// Never fails: what is unknown or cannot be read is kept as such.
    static func option(type: UInt8, data: [UInt8]) -> any MobilityOption {
        if type == Padding.padN { return Padding(count: data.count + 2) }
        guard let kind = byType[Int(type)] else { return UnknownOption(optionType: type, data: data) }
        do throws(DecodeError) {
            return try kind.decode(data)
        } catch {
            return MalformedOption(optionType: type, optionName: kind.name, data: data, error: error)
        }
    }
}
