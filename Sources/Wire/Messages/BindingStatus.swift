// SPDX-License-Identifier: Apache-2.0

/// The Status of an acknowledgement. Below 128 the binding was accepted (RFC 6275 §6.1.8).
package struct BindingStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    package static let accepted = BindingStatus(rawValue: 0)
    /// RFC 5845 §6.4: accepted without GRE.
    package static let greKeyOptionNotRequired = BindingStatus(rawValue: 2)
    /// RFC 5845 §6.4: GRE, but without the TLV header.
    package static let greTunnelingButTLVHeaderNotSupported = BindingStatus(rawValue: 3)
    package static let reasonUnspecified = BindingStatus(rawValue: 128)
    package static let administrativelyProhibited = BindingStatus(rawValue: 129)
    package static let insufficientResources = BindingStatus(rawValue: 130)
    package static let sequenceNumberOutOfWindow = BindingStatus(rawValue: 135)
    /// RFC 4285 §8
    package static let messageIdentifierMismatch = BindingStatus(rawValue: 144)
    package static let authenticationFailure = BindingStatus(rawValue: 146)
    /// RFC 5213 §8.9
    package static let proxyRegistrationNotEnabled = BindingStatus(rawValue: 152)
    package static let notLMAForThisMobileNode = BindingStatus(rawValue: 153)
    package static let magNotAuthorizedForProxyRegistration = BindingStatus(rawValue: 154)
    package static let notAuthorizedForHomeNetworkPrefix = BindingStatus(rawValue: 155)
    package static let timestampMismatch = BindingStatus(rawValue: 156)
    package static let timestampLowerThanPreviouslyAccepted = BindingStatus(rawValue: 157)
    package static let missingHomeNetworkPrefixOption = BindingStatus(rawValue: 158)
    package static let prefixSetDoesNotMatch = BindingStatus(rawValue: 159)
    package static let missingMobileNodeIdentifierOption = BindingStatus(rawValue: 160)
    package static let missingHandoffIndicatorOption = BindingStatus(rawValue: 161)
    package static let missingAccessTechnologyTypeOption = BindingStatus(rawValue: 162)
    /// RFC 5845 §6.4
    package static let greKeyOptionRequired = BindingStatus(rawValue: 163)
    /// RFC 5844 §3.3.5
    package static let notAuthorizedForIPv4MobilityService = BindingStatus(rawValue: 170)
    package static let notAuthorizedForIPv4HomeAddress = BindingStatus(rawValue: 171)
    package static let notAuthorizedForIPv6MobilityService = BindingStatus(rawValue: 172)
    package static let multipleIPv4HomeAddressAssignmentNotSupported = BindingStatus(rawValue: 173)
    package static let invalidCareOfAddress = BindingStatus(rawValue: 174)
    /// RFC 7148 §4.2
    package static let notAuthorizedForDelegatedPrefix = BindingStatus(rawValue: 177)
    package static let requestedDelegatedPrefixInUse = BindingStatus(rawValue: 178)
    /// RFC 8278 §4.3
    package static let cannotSupportMultipathBinding = BindingStatus(rawValue: 180)

    private static let names: [UInt8: String] = [
        0: "accepted", 1: "accepted, prefix discovery necessary", 2: "GRE key option not required",
        3: "GRE tunnelling but TLV header not supported", 4: "MCoA not complete", 5: "MCoA return home without NDP",
        6: "accepted, transient binding ignored",
        128: "reason unspecified", 129: "administratively prohibited", 130: "insufficient resources",
        131: "home registration not supported", 132: "not home subnet",
        133: "not home agent for this mobile node", 134: "duplicate address detection failed",
        135: "sequence number out of window", 136: "expired home nonce index", 137: "expired care-of nonce index",
        138: "expired nonces", 139: "registration type change disallowed",
        140: "mobile router operation not permitted", 141: "invalid prefix", 142: "not authorized for prefix",
        143: "forwarding setup failed", 144: "message identifier mismatch", 145: "message identifier required",
        146: "authentication failure", 151: "service authorization failed",
        152: "proxy registration not enabled", 153: "not LMA for this mobile node",
        154: "MAG not authorized for proxy registration", 155: "not authorized for home network prefix",
        156: "timestamp mismatch", 157: "timestamp lower than previously accepted",
        158: "missing home network prefix option", 159: "prefix set does not match",
        160: "missing mobile node identifier option", 161: "missing handoff indicator option",
        162: "missing access technology type option", 163: "GRE key option required", 164: "MCoA malformed",
        165: "MCoA: a plain binding exists", 166: "MCoA prohibited", 167: "MCoA unknown care-of address",
        168: "MCoA bulk registration prohibited", 169: "MCoA simultaneous home and foreign prohibited",
        170: "not authorized for IPv4 mobility service", 171: "not authorized for IPv4 home address",
        172: "not authorized for IPv6 mobility service", 173: "several IPv4 home addresses not supported",
        174: "invalid care-of address", 175: "invalid mobile node group identifier",
        176: "security association to be made anew", 177: "not authorized for delegated prefix",
        178: "requested delegated prefix in use", 179: "cannot meet QoS service request",
        180: "cannot support multipath binding",
    ]
}

extension BindingStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
