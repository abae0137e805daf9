// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

extension Redirection {
    /// The section `redirect`: another anchor for first registrations, above a number of sessions.
    init(_ node: ConfigurationNode, anchor: AnchorAddresses) throws(ConfigurationError) {
        let section = try node.section(["above", "to"])
        let above = try section.required("above").integer(in: 0...10_000_000)
        let targetNode = try section.required("to")
        let target = try targetNode.address()
        guard !anchor.all.contains(target) else { throw targetNode.failure("\(target) is the anchor's own address") }
        guard anchor[target.isIPv4 ? .ipv4 : .ipv6] != nil else {
            throw targetNode.failure(
                "\(target) is of a family in which no gateway reaches this anchor",
                hint: "the same as one of lma.addresses"
            )
        }
        self.init(above: above, to: target)
    }
}
