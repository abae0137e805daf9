// SPDX-License-Identifier: Apache-2.0

/// The sub-options that one mobility option may carry.
package struct SubOptionRegistry: Sendable {
    package let known: [any SubOption.Type]
    private let byType: [UInt8: any SubOption.Type]
    /// Whether Pad1 and PadN may stand between them.
    let hasPadding: Bool

    init(_ known: [any SubOption.Type], hasPadding: Bool = false) {
        self.known = known
        self.hasPadding = hasPadding
        byType = Dictionary(known.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Never fails: what is unknown or cannot be read is kept as such.
    func subOption(type: UInt8, data: [UInt8]) -> any SubOption {
        guard let kind = byType[type] else { return UnknownOption(optionType: type, data: data) }
        do throws(DecodeError) {
            return try kind.decode(data)
        } catch {
            return MalformedOption(optionType: type, optionName: kind.name, data: data, error: error)
        }
    }
}
