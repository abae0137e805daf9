// SPDX-License-Identifier: Apache-2.0

/// An identifier with its kind, as the Mobile Node Identifier and MAG Identifier options carry it (RFC 4283, RFC 8371).
/// Two are equal only if kind and octets are; there is no folding of case.
package struct NodeIdentifier: Hashable, Sendable {
    /// The network access identifier's subtype.
    package static let nai: UInt8 = 1

    package var subtype: UInt8
    package var octets: [UInt8]

    package init(subtype: UInt8, octets: [UInt8]) {
        self.subtype = subtype
        self.octets = octets
    }

    /// `user@realm`
    package init(nai text: String) { self.init(subtype: Self.nai, octets: Array(text.utf8)) }
}

extension NodeIdentifier {
    /// Eight octets at a time: an anchor looks up everything by these, and the array's own goes octet by octet.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(subtype)
        hasher.combine(octets.count)
        var word: UInt64 = 0
        for (index, octet) in octets.enumerated() {
            word = word << 8 | UInt64(octet)
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
    }
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
