// SPDX-License-Identifier: Apache-2.0

/// What a program has said of an access line: `downlink-rate 50mbit` and the like, a line each.
package struct LineReport: Equatable, Sendable {
    /// Octets of its output at most.
    package static let limit = 4096

    package var downlinkRate: UInt64?
    package var uplinkRate: UInt64?
    package var cost: UInt8?
    package var quotaLeft: UInt64?
    /// Lines that say nothing that is known.
    package private(set) var unknown: [String] = []

    package init() {}

    package init(_ output: String) {
        for line in output.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let key = words.first else { continue }
            if words.count != 2 || !take(key, words[1]) { unknown.append(String(line)) }
        }
    }

    /// Whether it is known.
    private mutating func take(_ key: Substring, _ value: Substring) -> Bool {
        switch key {
        case "downlink-rate": Self.take(Self.rate(value), as: &downlinkRate)
        case "uplink-rate": Self.take(Self.rate(value), as: &uplinkRate)
        case "cost": Self.take(UInt8(value), as: &cost)
        case "quota-left": Self.take(Self.octets(value), as: &quotaLeft)
        default: false
        }
    }

    private static func take<Value>(_ value: Value?, as field: inout Value?) -> Bool {
        guard let value else { return false }
        field = value
        return true
    }

    private static func rate(_ text: Substring) -> UInt64? {
        guard case .value(let rate) = ScaledNumber(text, units: ScaledNumber.bitRates), rate > 0,
            rate <= BitRate.limit.bitsPerSecond
        else { return nil }
        return UInt64(rate)
    }

    private static func octets(_ text: Substring) -> UInt64? {
        guard case .value(let octets) = ScaledNumber(text, units: ScaledNumber.octets) else { return nil }
        return UInt64(octets)
    }
}
