// SPDX-License-Identifier: Apache-2.0

/// A key shared with one peer, named by its security parameter index (RFC 4285 §5).
package struct SecurityAssociation: Hashable, Sendable {
    /// 256 or more: the lower ones are reserved.
    package var spi: UInt32
    package var key: [UInt8]
    package var algorithm: Algorithm

    package enum Algorithm: String, CaseIterable, Hashable, Sendable {
        /// What RFC 4285 §5.1 defines: the first 96 bits of HMAC-SHA1.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case hmacSHA1_96
        /// Our profile between two ends that both know it: the first 128 bits of HMAC-SHA256.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case hmacSHA256_128

        /// Octets of the authenticator.
        var length: Int {
            switch self {
            case .hmacSHA1_96: 12
            case .hmacSHA256_128: 16
            }
        }
    }

    package init(spi: UInt32, key: [UInt8], algorithm: Algorithm) {
        self.spi = spi
        self.key = key
        self.algorithm = algorithm
    }
}
