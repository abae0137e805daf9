// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// Which of the machine's links is meant.
package enum LinkSelection: Hashable, Sendable {
    /// The one of this name.
    case name(String)
    /// One whose name is like this: `*` stands for any letters, `?` for one.
    case pattern(String)
    /// The one with this link-layer address, whatever its name: modems change theirs from plug to plug.
    case address(LinkLayerAddress)

    /// Those that are meant, the likeliest first.
    package func candidates(among links: [LinkState]) -> [LinkState] {
        switch self {
        case .name(let name): links.filter { $0.name == name }
        case .pattern(let pattern):
            links.filter { Self.matches(pattern[...], $0.name[...]) }.sorted {
                // wwan2 comes before wwan10.
                ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name)
            }
        case .address(let address):
            // What is stacked on a link has its address as well, but no permanent one.
            links.filter { $0.permanentAddress == address }
                + links.filter { $0.permanentAddress != address && $0.linkLayerAddress == address }
        }
    }

    private static func matches(_ pattern: Substring, _ name: Substring) -> Bool {
        guard let head = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        if head == "*" { return matches(rest, name) || (!name.isEmpty && matches(pattern, name.dropFirst())) }
        return (head == "?" || head == name.first) && !name.isEmpty && matches(rest, name.dropFirst())
    }
}

extension LinkSelection: CustomStringConvertible {
    /// As the configuration says it.
    package var description: String {
        switch self {
        case .name(let text), .pattern(let text): text
        case .address(let address): "\(address)"
        }
    }

    /// Behind "there is no link".
    var words: String {
        switch self {
        case .name(let name): name
        case .pattern(let pattern): "like \(pattern)"
        case .address(let address): "with the address \(address)"
        }
    }
}

extension ConfigurationNode {
    /// The name of an interface, or a pattern of names.
    func linkSelection() throws(ConfigurationError) -> LinkSelection {
        let name = try interfaceName()
        return name.contains(where: { "*?".contains($0) }) ? .pattern(name) : .name(name)
    }

    /// Six octets in hexadecimal, parted by colons, that one device can have.
    func linkLayerAddress() throws(ConfigurationError) -> LinkLayerAddress {
        let text = try word(atMost: 64)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let octets = parts.compactMap { part in
            part.utf8.count == 2 && part.allSatisfy(\.isHexDigit) ? UInt8(part, radix: 16) : nil
        }
        guard octets.count == parts.count, let address = LinkLayerAddress(octets: octets) else {
            throw failure("\"\(text)\" is not a link-layer address such as \"02:00:5e:10:00:01\"")
        }
        guard octets[0] & 1 == 0, address.value != 0 else { throw failure("\(text) is not the address of one device") }
        return address
    }
}
