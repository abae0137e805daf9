// SPDX-License-Identifier: Apache-2.0

/// The Status of a revocation's acknowledgement (RFC 5846 §5.2). Below 128 the bindings are gone.
package struct BindingRevocationStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package var isAccepted: Bool { rawValue < 128 }

    package static let success = BindingRevocationStatus(rawValue: 0)
    package static let partialSuccess = BindingRevocationStatus(rawValue: 1)
    package static let bindingDoesNotExist = BindingRevocationStatus(rawValue: 128)
    package static let ipv4HomeAddressOptionRequired = BindingRevocationStatus(rawValue: 129)
    package static let globalRevocationNotAuthorized = BindingRevocationStatus(rawValue: 130)
    package static let revokedMobileNodesIdentityRequired = BindingRevocationStatus(rawValue: 131)
    package static let mobileNodeIsAttached = BindingRevocationStatus(rawValue: 132)
    package static let triggerNotSupported = BindingRevocationStatus(rawValue: 133)
    package static let functionNotSupported = BindingRevocationStatus(rawValue: 134)
    package static let proxyBindingRevocationNotSupported = BindingRevocationStatus(rawValue: 135)

    private static let names: [UInt8: String] = [
        0: "success", 1: "partial success", 128: "binding does not exist", 129: "IPv4 home address option required",
        130: "global revocation not authorized", 131: "identity of the revoked mobile nodes required",
        132: "mobile node is attached", 133: "revocation trigger not supported",
        134: "revocation function not supported", 135: "proxy binding revocation not supported",
    ]
}

extension BindingRevocationStatus: CustomStringConvertible {
    package var description: String { Self.names[rawValue] ?? "status \(rawValue)" }
}
