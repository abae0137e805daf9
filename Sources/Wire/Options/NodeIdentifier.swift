// SPDX-License-Identifier: Apache-2.0

/// An identifier with its kind, as the Mobile Node Identifier and MAG Identifier options carry it (RFC 4283, RFC 8371).
/// Two are equal only if kind and octets are; there is no folding of case.
package struct NodeIdentifier: Sendable {
    /// The network access identifier's subtype.
    package static let nai: UInt8 = 1

    package let subtype: UInt8
    package let octets: [UInt8]
    /// Tells nearly all others apart without a look at the octets, which lie elsewhere in memory: an anchor finds everything
    /// by these, several times for each message, among very many. Made anew in each process, so that nobody can choose
    /// names that look alike.
    private let fingerprint: Int

    package init(subtype: UInt8, octets: [UInt8]) {
        self.subtype = subtype
        self.octets = octets
        fingerprint = Self.fingerprint(subtype, octets)
    }

    /// `user@realm`
    package init(nai text: String) { self.init(subtype: Self.nai, octets: Array(text.utf8)) }

    /// Eight octets at a time: the array's own hash goes octet by octet.
    private static func fingerprint(_ subtype: UInt8, _ octets: [UInt8]) -> Int {
        var hasher = Hasher()
        hasher.combine(subtype)
        hasher.combine(octets.count)
        var word: UInt64 = 0
        for (index, octet) in octets.enumerated() {
            word = word << 8 | UInt64(octet)
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
        return hasher.finalize()
    }
}

extension NodeIdentifier: Hashable {
    package static func == (a: Self, b: Self) -> Bool {
        a.fingerprint == b.fingerprint && a.subtype == b.subtype && a.octets == b.octets
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

extension NodeIdentifier: Comparable {
    package static func < (a: Self, b: Self) -> Bool {
        a.subtype != b.subtype ? a.subtype < b.subtype : a.octets.lexicographicallyPrecedes(b.octets)
    }
}

extension NodeIdentifier: CustomStringConvertible {
    /// A printable identifier as text; any other in digits, its subtype in front.
    package var description: String {
        let isText = subtype == Self.nai && !octets.isEmpty && octets.allSatisfy { (0x21...0x7E).contains($0) }
        return isText ? String(decoding: octets, as: UTF8.self) : "\(subtype):\(octets.hexadecimal)"
    }
}
