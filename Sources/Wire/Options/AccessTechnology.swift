// SPDX-License-Identifier: Apache-2.0

/// The access technology registry (RFC 5213 §8.5), shared by the Access Technology Type option and If-ATT of RFC 8278.
package struct AccessTechnology: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let virtual = AccessTechnology(rawValue: 1)
    package static let ppp = AccessTechnology(rawValue: 2)
    package static let ethernet = AccessTechnology(rawValue: 3)
    package static let wlan = AccessTechnology(rawValue: 4)
    package static let eutran = AccessTechnology(rawValue: 8)
}

extension AccessTechnology: CustomStringConvertible {
    private static let names: [UInt8: String] = [
        1: "virtual", 2: "ppp", 3: "ethernet", 4: "wlan", 5: "wimax", 6: "geran", 7: "utran", 8: "e-utran",
        9: "ehrpd", 10: "hrpd", 11: "1xrtt", 12: "umb", 13: "nb-iot",
    ]

    /// The short name used in configuration and tables; nil for one that is not registered.
    package init?(name: String) {
        guard let entry = Self.names.first(where: { $0.value == name }) else { return nil }
        self.init(rawValue: entry.key)
    }

    /// In the order of their numbers.
    package static var allNames: [String] { names.sorted { $0.key < $1.key }.map(\.value) }

    package var description: String { Self.names[rawValue] ?? "att-\(rawValue)" }
}
