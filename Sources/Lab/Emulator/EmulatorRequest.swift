// SPDX-License-Identifier: Apache-2.0

/// What the emulator can be asked: `status`, `stop`, or `set NAME up|down|both KEY=VALUE …`.
package enum EmulatorRequest: Hashable, Sendable {
    case status
    case stop
    case change(link: String, [LinkDirection], LinkChanges)

    package init(_ text: String) throws(SettingError) {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "status" where words.count == 1: self = .status
        case "stop" where words.count == 1: self = .stop
        case "set" where words.count >= 3:
            self = .change(
                link: words[1],
                try Self.directions(words[2]),
                try LinkChanges(words.dropFirst(3))
            )
        default:
            let expected = "status, stop or set LINK DIRECTION KEY=VALUE…"
            throw SettingError(key: "request", value: text, expected: expected)
        }
    }

    /// As the emulator reads it.
    package var text: String {
        switch self {
        case .status: "status"
        case .stop: "stop"
        case .change(let link, let directions, let changes):
            "set \(link) \(directions.count == 1 ? directions[0].rawValue : "both") \(changes.text)"
        }
    }

    /// From `up`, `down` or `both`.
    package static func directions(_ text: String) throws(SettingError) -> [LinkDirection] {
        if text == "both" { return LinkDirection.allCases }
        if let direction = LinkDirection(rawValue: text) { return [direction] }
        throw SettingError(key: "direction", value: text, expected: "up, down or both")
    }
}
