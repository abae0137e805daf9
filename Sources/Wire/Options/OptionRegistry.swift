// SPDX-License-Identifier: Apache-2.0

/// The options that we can read. One line an option.
package enum OptionRegistry {
    package static let known: [any MobilityOption.Type] = [
        AlternateCareOfAddress.self,
        MobileNodeIdentifier.self,
        MessageAuthentication.self,
        MessageIdentifier.self,
        VendorSpecific.self,
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
        IPv4HomeAddressRequest.self,
        IPv4HomeAddressReply.self,
        IPv4DefaultRouterAddress.self,
        IPv4DHCPSupportMode.self,
        AlternateIPv4CareOfAddress.self,
        DelegatedMobileNetworkPrefix.self,
        MAGMultipathBinding.self,
        MAGIdentifier.self,
    ]

    private static let byType = Dictionary(known.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    /// Never fails: what is unknown or cannot be read is kept as such.
    static func option(type: UInt8, data: [UInt8]) -> any MobilityOption {
        if type == Padding.padN { return Padding(count: data.count + 2) }
        guard let kind = byType[type] else { return UnknownOption(optionType: type, data: data) }
        do throws(DecodeError) {
            return try decode(kind, data)
        } catch {
            return MalformedOption(optionType: type, optionName: kind.name, data: data, error: error)
        }
    }

    private static func decode<Option: MobilityOption>(
        _ kind: Option.Type,
        _ data: [UInt8]
    ) throws(DecodeError) -> Option {
        var reader = ByteReader(data)
        let option = try Option(decoding: &reader)
        try reader.finish(kind.name)
        return option
    }
}
