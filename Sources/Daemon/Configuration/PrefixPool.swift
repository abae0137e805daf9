// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Prefixes of one length out of one block.
package struct PrefixPool: Equatable, Sendable {
    /// The block.
    package let block: IPPrefix
    /// The length of each prefix, in bits: not less than the block's.
    package let length: Int
    /// How the upstream network knows them.
    package let upstream: UpstreamMode

    /// - Parameter longest: the longest prefix that is of use, in bits.
    init(_ node: ConfigurationNode, family: AddressFamily, longest: Int) throws(ConfigurationError) {
        let section = try node.section(["from", "length", "upstream"])
        block = try section.required("from").prefix(family)
        let lengthNode = try section.required("length")
        length = try lengthNode.integer(in: 1...longest)
        guard length >= Int(block.length) else {
            throw lengthNode.failure(
                "a /\(length) does not fit into \(block)",
                hint: "from \(block.length) to \(longest)"
            )
        }
        upstream = try UpstreamMode(section.optional("upstream"))
    }

    /// Single IPv4 addresses.
    init(addresses node: ConfigurationNode) throws(ConfigurationError) {
        let section = try node.section(["from", "upstream"])
        block = try section.required("from").prefix(.ipv4)
        length = 32
        upstream = try UpstreamMode(section.optional("upstream"))
    }
}
