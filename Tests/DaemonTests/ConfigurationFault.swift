// SPDX-License-Identifier: Apache-2.0
import Testing

/// A piece of a good text, what stands there instead, and what the operator reads.
struct ConfigurationFault: CustomTestStringConvertible, Sendable {
    let file: String
    let original: String
    let replacement: String
    let expected: String

    /// nil if the good text lacks the piece.
    var text: String? {
        let good = file == "anchor.yaml" ? ConfigurationTexts.anchor : ConfigurationTexts.gateway
        guard let range = good.firstRange(of: original) else { return nil }
        return good.replacingCharacters(in: range, with: replacement)
    }
    var testDescription: String { "\(original) → \(replacement)" }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
