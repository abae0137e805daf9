// SPDX-License-Identifier: Apache-2.0

/// A name of the DNS, or all names below one (`*.example.net`, which is not `example.net`).
package struct DomainPattern: Hashable, Sendable {
    /// In small letters, without the dot at the end.
    package let name: String
    package let isWildcard: Bool

    /// nil if that is no name that a host can have (RFC 1035 §2.3.1, RFC 1123 §2.1), or one without a dot.
    package init?(_ text: String) {
        let isWildcard = text.hasPrefix("*.")
        var name = (isWildcard ? String(text.dropFirst(2)) : text).lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.count > 1, labels.allSatisfy(Self.isLabel) else { return nil }
        self.name = name
        self.isWildcard = isWildcard
    }

    /// With the underscore, which hosts do not have and services do.
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { octet in
                (97...122).contains(octet) || (48...57).contains(octet) || octet == 45 || octet == 95
            }
    }

    /// `other` in small letters, without the dot at the end.
    package func matches(_ other: String) -> Bool {
        isWildcard ? other.utf8.count > name.utf8.count + 1 && other.hasSuffix(".\(name)") : other == name
    }
}

extension DomainPattern: CustomStringConvertible {
    package var description: String { isWildcard ? "*.\(name)" : name }
}
