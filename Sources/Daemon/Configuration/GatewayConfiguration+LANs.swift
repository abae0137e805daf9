// SPDX-License-Identifier: Apache-2.0
import Wire

extension GatewayConfiguration {
    /// The site's links: `lan`, or several in `lans`. No interface, subnet or private network occurs twice.
    static func lans(
        _ section: ConfigurationSection,
        tunnelDevice: String,
        wans: [WANConfiguration],
        anchors: [AnchorPeerConfiguration]
    ) throws(ConfigurationError) -> [LANConfiguration] {
        var lans: [LANConfiguration] = []
        for (place, item) in try lanNodes(section).enumerated() {
            let lan = try LANConfiguration(item, place: place)
            let isTaken =
                wans.contains { $0.selection == .name(lan.interface) }
                || lans.contains { $0.interface == lan.interface }
            guard lan.interface != tunnelDevice, !isTaken else {
                throw item.failure("the interface \(lan.interface) has another purpose already")
            }
            try check(lan, beside: lans, item)
            // What routers ask goes there inside the tunnel, whatever carries that.
            if lan.delegate?.router == .anchor,
                let anchor = anchors.first(where: { !$0.isReachable(over: .ipv6) })
            {
                throw item.failure(
                    "delegate.router is the anchor, but \(anchor.summary) has no IPv6 address",
                    hint: "give one in \(anchors.count == 1 ? "mag.anchor.addresses" : "mag.anchors")"
                )
            }
            lans.append(lan)
        }
        return lans
    }

    private static func lanNodes(_ section: ConfigurationSection) throws(ConfigurationError) -> [ConfigurationNode] {
        switch (section.optional("lan"), section.optional("lans")) {
        case (nil, nil): []
        case (let only?, nil): [only]
        case (nil, let list?): try list.list(atLeast: 1)
        case (_?, let list?): throw list.failure("is there beside lan", hint: "put that one into the list")
        }
    }

    private static func check(
        _ lan: LANConfiguration,
        beside others: [LANConfiguration],
        _ item: ConfigurationNode
    ) throws(ConfigurationError) {
        for other in others {
            if lan.families.contains(.ipv6), other.families.contains(.ipv6), lan.subnet == other.subnet {
                throw item.failure(
                    "the subnet \(lan.subnet) is that of \(other.interface) already",
                    hint: "without the key it is the place in the list, counted from 0"
                )
            }
            if let network = lan.ipv4?.network, let taken = other.ipv4?.network, network.overlaps(taken) {
                throw item.failure("the network \(network) overlaps \(taken) of \(other.interface)")
            }
        }
    }
}
