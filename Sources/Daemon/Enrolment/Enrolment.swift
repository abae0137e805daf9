// SPDX-License-Identifier: Apache-2.0
import Wire

/// What an anchor's operator hands to a gateway's: who it is, where the anchor is, and the key that they share.
package struct Enrolment: Equatable, Sendable {
    /// The MAG identifier (RFC 8278 §4.2).
    package let identifier: String
    package let mobileNode: String
    package let anchorAddresses: AnchorAddresses
    package let securityParameterIndex: UInt32
    package let key: SharedKey

    package init(
        identifier: String,
        mobileNode: String,
        anchorAddresses: AnchorAddresses,
        securityParameterIndex: UInt32,
        key: SharedKey
    ) {
        self.identifier = identifier
        self.mobileNode = mobileNode
        self.anchorAddresses = anchorAddresses
        self.securityParameterIndex = securityParameterIndex
        self.key = key
    }

    /// Reads a file that `plait lma init` has written.
    package static func load(_ path: String) throws(ConfigurationError) -> Enrolment {
        try parse(try ConfigurationFile.text(of: path), file: path)
    }

    package static func parse(_ yaml: String, file: String) throws(ConfigurationError) -> Enrolment {
        let root = try ConfigurationFile.root(of: yaml, file: file, keys: ["enrolment"]).section(["enrolment"])
        let section = try root.required("enrolment").section(["identifier", "mobile-node", "anchor"])
        let anchor = try section.required("anchor").section(["addresses", "authentication"])
        let authenticationNode = try anchor.required("authentication")
        guard
            case .sharedKey(let index, let key, .hmacSHA256) = try AuthenticationConfiguration(authenticationNode)
        else { throw authenticationNode.failure("is not a key for hmac-sha256-128") }
        return Enrolment(
            identifier: try section.required("identifier").networkAccessIdentifier(),
            mobileNode: try section.required("mobile-node").networkAccessIdentifier(),
            anchorAddresses: try AnchorAddresses(try anchor.required("addresses")),
            securityParameterIndex: index,
            key: key
        )
    }

    package var yaml: String {
        """
        # What the gateway \(identifier) needs to know of its anchor, WITH THE KEY that they share: carry it over a way that
        # nobody else can read, run there `plait mag init --enrolment THIS-FILE`, and delete it.
        enrolment:
          identifier: \(identifier.quoted)
          mobile-node: \(mobileNode.quoted)
          anchor:
            addresses: \(anchorAddresses.yaml)
            authentication: \(authentication)

        """
    }

    /// The value of the key `authentication`.
    var authentication: String {
        "{ spi: \(securityParameterIndex), key: \"\(key.hexadecimal)\", algorithm: hmac-sha256-128 }"
    }
}

extension AnchorAddresses {
    var yaml: String {
        let ipv6 = ipv6.map { ["ipv6: \"\($0)\""] } ?? []
        let ipv4 = ipv4.map { ["ipv4: \($0)"] } ?? []
        return "{ \((ipv6 + ipv4).joined(separator: ", ")) }"
    }
}

extension SharedKey {
    /// From the system's generator of random numbers.
    package static func random(octets count: Int = 32) -> SharedKey {
        var generator = SystemRandomNumberGenerator()
        return SharedKey(octets: (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// For the files that have to say it.
    var hexadecimal: String { octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension String {
    /// As YAML text, whatever it contains.
    var quoted: String { "\"" + replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
}
