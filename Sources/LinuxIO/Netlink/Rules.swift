// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// Policy rules: RTM_GETRULE, RTM_NEWRULE and RTM_DELRULE.
extension NetlinkSocket {
    /// Of both families, those that lead to a table.
    package func rules() throws(SystemError) -> [RoutingRule] {
        var all: [RoutingRule] = []
        for family in [AddressFamily.ipv4, .ipv6] {
            var body = NetlinkWriter()
            body.uint8(UInt8(truncatingIfNeeded: family.number))
            body.zeros(11)
            all += try dump(Int(RTM_GETRULE), body, "rules").compactMap { RoutingRule($0.body) }
        }
        return all
    }

    /// Adds a rule; one that is there already is no error.
    package func addRule(_ rule: RoutingRule) throws(SystemError) {
        do {
            try request(Int(RTM_NEWRULE), Int(NLM_F_CREATE | NLM_F_EXCL), rule.body, "rule \(rule)")
        } catch  where error.errno == EEXIST {
            // What was wanted.
        }
    }

    /// Throws `ENOENT` if there is no such rule.
    package func removeRule(_ rule: RoutingRule) throws(SystemError) {
        try request(Int(RTM_DELRULE), 0, rule.body, "removal of rule \(rule)")
    }
}
