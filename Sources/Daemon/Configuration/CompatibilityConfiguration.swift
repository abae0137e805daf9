// SPDX-License-Identifier: Apache-2.0
import Mobility

extension ConfigurationSection {
    /// The key `compatibility` of a peer, for the given mobile nodes; `strict` if it is not there.
    func compatibility(
        _ authentication: AuthenticationConfiguration,
        mobileNodes: [String]
    ) throws(ConfigurationError) -> PeerCompatibility {
        guard let node = optional("compatibility") else { return .strict }
        let make = try node.choice(["strict": PeerCompatibility.strict, "opmip": .opmip, "oai": .oai])
        guard make != .strict else { return make }
        // Neither knows RFC 4285, and what an authenticator covers must not be translated.
        guard authentication == .none else {
            throw node.failure(
                "\(make.rawValue) knows no message authentication",
                hint: "protect its messages by other means and say authentication: none"
            )
        }
        guard make == .oai else { return make }
        for mobileNode in mobileNodes {
            let isDigits = mobileNode.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
            guard mobileNode.utf8.count == 16, isDigits else {
                throw node.failure(
                    "oai names mobile nodes by eight octets, and \"\(mobileNode)\" is not sixteen hexadecimal digits",
                    hint: "such as 00000200000000aa"
                )
            }
        }
        return make
    }
}
