// SPDX-License-Identifier: Apache-2.0

/// Where bindings outlive the process.
package enum StoreLocation: Equatable, Sendable {
    /// Nothing is kept.
    case memory
    /// The file's absolute path.
    case file(String)

    /// `name` is the daemon's.
    static func byDefault(for name: String) -> StoreLocation {
        .file("/var/lib/plait/\(String(name.map { $0 == "/" ? "-" : $0 })).sqlite")
    }
}

extension ConfigurationNode {
    func storeLocation() throws(ConfigurationError) -> StoreLocation {
        let text = try word(atMost: 4000)
        if text == "memory" { return .memory }
        guard text.hasPrefix("/"), !text.hasSuffix("/") else {
            throw failure("\"\(text)\" is not the absolute path of a file", hint: "or say memory to keep nothing")
        }
        return .file(text)
    }
}
