// SPDX-License-Identifier: Apache-2.0

/// How the mobility messages between a gateway and an anchor are authenticated.
package enum AuthenticationConfiguration: Equatable, Sendable {
    /// Not at all: `authentication: none`, for networks that protect the messages otherwise.
    case none
    /// By the message authentication option (RFC 4285).
    ///
    /// - securityParameterIndex: at least 256; lower ones are reserved (RFC 4285 §6).
    /// - key: 16 octets or more.
    case sharedKey(securityParameterIndex: UInt32, key: SharedKey, algorithm: Algorithm)

    package enum Algorithm: Sendable {
        /// What RFC 4285 defines.
        case hmacSHA1
        /// A profile of ours, for two ends that both are Plait.
        case hmacSHA256
    }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if let text = try? node.word(atMost: 255) {
            guard text == "none" else {
                throw node.failure("\"\(text)\" is neither none nor a section with spi and key")
            }
            self = .none
            return
        }
        let section = try node.section(["spi", "key", "algorithm"])
        let index = try section.required("spi").integer(in: 256...Int(UInt32.max))
        let key = try section.required("key").secret(atLeast: 16, atMost: 64)
        let algorithm = try section.optional("algorithm")?.choice([
            "hmac-sha1-96": Algorithm.hmacSHA1, "hmac-sha256-128": .hmacSHA256,
        ])
        self = .sharedKey(
            securityParameterIndex: UInt32(index),
            key: SharedKey(octets: key),
            algorithm: algorithm ?? .hmacSHA1
        )
    }

    /// The value of a key that may not be forgotten: nobody is served unauthenticated by omission.
    init(requiredIn section: ConfigurationSection) throws(ConfigurationError) {
        let hint = "give spi and key, or say authentication: none"
        self = try AuthenticationConfiguration(try section.required("authentication", hint: hint))
    }
}
